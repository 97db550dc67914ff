"""What the first page of a handout may say of its sections."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from reprose.base.canonical import read_json
from reprose.numbers.cost import total
from reprose.numbers.intervals import Difference
from reprose.numbers.printing import Latex, number_text
from reprose.numbers.registry import read_numbers


def front(headlines: Iterable[Path], numbers: Iterable[Path]) -> Mapping[str, Any]:
    """Return the headline of each section, from files that jobs `write` left, and what all of them cost."""
    read = {path.parent.parent.name: path.read_text(encoding="utf-8") for path in headlines}
    costs = total(map(read_numbers, numbers)).items()
    shown = [(Latex(problem), Latex(text)) for problem, text in read.items() if text]
    return {"headlines": shown, **{name: number_text(value, 0) for name, value in costs}}


def comparisons(claims: Iterable[Path]) -> int:
    """Return how many comparisons the sections test, from the same jobs: fixed values have neither seeds nor items."""
    read = [claim for path in claims for claim in read_json(path)]
    differences = [Difference(**comparison["difference"]) for claim in read for comparison in claim["comparisons"]]
    return sum(difference.is_tested for difference in differences)
