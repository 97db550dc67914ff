"""The trials of a block: every combination of a grid, or points drawn at random from it."""

import itertools
import math
import random
from collections.abc import Mapping, Sequence
from typing import Any

from reprose.base.canonical import to_json
from reprose.base.errors import ReproseError

SIGNIFICANT = 4  # digits of a value that is computed here, so that labels of trials stay short
ATTEMPTS = 100  # draws for each trial that is wanted, before the points are taken to be too few
Point = dict[str, Any]  # hyperparameter -> value


def points_of(block: Mapping[str, Any], where: str) -> list[Point]:
    """Return the trials that a block asks for; the order of values in a file is none."""
    grid = block.get("grid", {})
    if "random" in block:
        return _drawn(grid, block["random"]["trials"], block["random"]["seed"], where)
    named = {name: sorted(_values(name, wanted, where), key=_rank) for name, wanted in grid.items()}
    return [dict(zip(named, values, strict=True)) for values in itertools.product(*named.values())]


def trials_in(block: Mapping[str, Any]) -> int:
    """Return how many trials a block asks for, without making them."""
    if "random" in block:
        return block["random"]["trials"]
    counts = (wanted["log"][2] if _is_range(wanted) else len(wanted) for wanted in block.get("grid", {}).values())
    return math.prod(counts)


def shares(points: Sequence[Point], jobs: int, where: str) -> list[list[Point]]:
    """Return the trials cut, in their order, into as many parts of about one size as there are jobs."""
    if jobs > len(points):
        raise ReproseError(f"{where}.split is {jobs}, but there are {len(points)} trials. Allowed: as many at most.")
    ends = [place * len(points) // jobs for place in range(jobs + 1)]
    return [list(points[first:last]) for first, last in itertools.pairwise(ends)]


def _is_range(wanted: Any) -> bool:
    return isinstance(wanted, Mapping) and len(wanted["log"]) == 3


def _values(name: str, wanted: Any, where: str) -> Sequence[Any]:
    if not isinstance(wanted, Mapping):
        return wanted
    low, high = _ends(name, wanted, where)
    if not _is_range(wanted):
        raise ReproseError(f"{where}.grid.{name}.log is {wanted['log']}. Allowed: first, last and how many values.")
    count = wanted["log"][2]
    inner = (_between(low, high, place / (count - 1)) for place in range(1, count - 1))
    return [low, *inner, high]


def _ends(name: str, wanted: Mapping[str, Any], where: str) -> tuple[float, float]:
    low, high = wanted["log"][:2]
    if not 0 < low < high:
        raise ReproseError(f"{where}.grid.{name}.log is {wanted['log']}. Allowed: 0 < first < last.")
    return low, high


def _drawn(grid: Mapping[str, Any], trials: int, seed: int, where: str) -> list[Point]:
    """Return different points; what is drawn of one hyperparameter does not depend on the others."""
    sources = {name: random.Random(f"{seed}/{name}") for name in grid}
    found: dict[str, Point] = {}
    for _ in range(ATTEMPTS * trials):
        point = {name: _draw(name, grid[name], sources[name], where) for name in grid}
        found.setdefault(to_json(point), point)
        if len(found) == trials:
            return list(found.values())
    raise ReproseError(f"{where}.random.trials is {trials}, but the grid has fewer points. Leave `random` out.")


def _draw(name: str, wanted: Any, source: random.Random, where: str) -> Any:
    if isinstance(wanted, Mapping) and not _is_range(wanted):
        low, high = _ends(name, wanted, where)
        return _between(low, high, source.random())
    return source.choice(sorted(_values(name, wanted, where), key=_rank))


def _between(low: float, high: float, share: float) -> float:
    """Return a value between two at equal ratios, whole where both are, else with a few digits."""
    value = low * (high / low) ** share
    is_whole = isinstance(low, int) and isinstance(high, int)
    return round(value) if is_whole else float(f"{value:.{SIGNIFICANT}g}")


def _rank(value: Any) -> tuple[bool, float, str]:
    """Return what values of a grid are sorted by: numbers by size, before all others by what they look like."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return not is_number, value if is_number else 0, "" if is_number else to_json(value)
