"""Summarize what was measured for a problem as the numbers and texts that its section may print."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from reprose.base.errors import ReproseError
from reprose.base.faults import kind
from reprose.config import loading
from reprose.numbers.cost import effort
from reprose.numbers.registry import Item, Number, Table, Text, write_numbers
from reprose.numbers.table_files import as_csv
from reprose.steps.frame import Step, run
from reprose.training.results import load_results

if TYPE_CHECKING:
    from reprose.code.witness import Witness


def main(key: Mapping[str, Any], witness: "Witness") -> None:
    """Run the step `summarize`."""
    run(summarize, key, witness)


def summarize(step: Step) -> None:
    """Write the registry of numbers."""
    results = load_results(step.key, step.inputs)
    own = loading.summarizer(step.key)(results)
    items = [*checked(own, f"scripts/problems/{step.key['problem']}/summary.py: summarize"), *effort(results)]
    write_numbers(step.output("numbers"), items)
    for item in items:
        if isinstance(item, Table):
            path = step.outputs["numbers"].with_name(f"{item.key}.csv")
            step.extra(path).write_text(as_csv(item), encoding="utf-8")


def checked(made: Any, where: str) -> list[Item]:
    """Return what the function `where` has made; what is no list of numbers, texts and tables is an error."""
    allowed = "Allowed: a list of what `measured`, `constant`, `Text` and `table` make."
    if not isinstance(made, Iterable) or isinstance(made, str | Mapping):
        raise ReproseError(f"{where} returns {kind(made)}. {allowed}")
    items = list(made)
    for place, item in enumerate(items):
        if not isinstance(item, Number | Text | Table):
            raise ReproseError(f"{where} returns {kind(item)} at place {place}. {allowed}")
    return items
