"""Sentences that compare results, tested against the registry with their seeds."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from reprose.base.errors import ReproseError
from reprose.numbers.intervals import FEW, Difference, crossed_interval, difference, paired_difference
from reprose.numbers.printing import (
    Latex,
    bracket,
    breakable,
    decimals_of_uncertainty,
    number_text,
    spread_text,
    written_decimals,
)
from reprose.numbers.registry import Item, Number, find

LITERAL = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
COMPARISON = re.compile(r"\s*(\S+)\s+([<>=~?])\s+(\S+)(?:\s+within\s+(\S+))?\s*")
OPPOSITE = {"<": ">", ">": "<"}
UNSHOWN = "?"


@dataclass(frozen=True)
class Comparison:
    """One tested relation between two quantities, by the 95 % interval of their difference.

    `a < b` and `a > b` want the interval on that side of 0. `a ~ b within m` is a test of equivalence: it wants the
    whole interval between -m and m, which is stricter than two one-sided tests at 5 % (Schuirmann 1987,
    doi:10.1007/BF01068419). `a = b` wants no difference in any seed. `a ? b` says that nothing is shown, which is all
    that an interval with 0 in it says.
    """

    left: str
    relation: str
    right: str
    values: tuple[float, float]
    difference: Difference  # left - right
    digits: int
    margin: float | None = None  # of "~", in the unit of both

    @property
    def found(self) -> str:
        """Return what is shown: "~" (equal within the margin), else "<", ">" or "=", or "?" where nothing is."""
        low, high = self.difference.low, self.difference.high
        if low is None or high is None:
            return UNSHOWN
        if self.margin is not None and -self.margin < low and high < self.margin:
            return "~"
        if low == high == 0:
            return "="
        return "<" if high < 0 else ">" if low > 0 else UNSHOWN

    @property
    def holds(self) -> bool:
        """Return whether the stated relation is shown."""
        return self.found == self.relation

    @property
    def verdict(self) -> str:
        """Return "holds", or in a few words what is found instead."""
        if self.holds:
            return "holds"
        if self.difference.low is None:
            return "one seed: untested"
        if self.found == UNSHOWN:
            return "not shown"
        return "reversed" if self.found == OPPOSITE.get(self.relation) else "differs"


@dataclass(frozen=True)
class Claim:
    """A sentence of a section with the comparisons that it rests on."""

    label: str
    comparisons: tuple[Comparison, ...]
    line: int = 0  # of the template

    @property
    def holds(self) -> bool:
        """Return whether every comparison holds."""
        return all(comparison.holds for comparison in self.comparisons)


def evaluate(relation: str, numbers: Mapping[str, Item]) -> tuple[Comparison, ...]:
    """Return the comparisons of `relation`, such as "a.error < b.error and a.error < 0.9", evaluated."""
    return tuple(_comparison(part, numbers) for part in re.split(r"\s+and\s+", relation.strip()))


def holds(relation: str, numbers: Mapping[str, Item]) -> bool:
    """Return whether every comparison in `relation` holds."""
    return all(comparison.holds for comparison in evaluate(relation, numbers))


def explain(claim: Claim) -> str:
    """Return one line for each comparison of `claim` that fails, with both values."""
    return "\n".join(
        f"  {part.left} {part.relation} {part.right}: {part.verdict}; {part.left} is {part.values[0]:.{part.digits}f},"
        f" {part.right} is {part.values[1]:.{part.digits}f}, {describe(part.difference, part.digits)}"
        for part in claim.comparisons
        if not part.holds
    )


def require_true(claims: Iterable[Claim], template: Path, tier: str) -> None:
    """Raise where a claim does not hold on the real tier; on made-up data it is only marked."""
    false = [
        f"{template}:{claim.line}: this claim does not hold: {claim.label}\n{explain(claim)}"
        for claim in claims
        if not claim.holds
    ]
    if false and tier == "real":
        raise ReproseError("\n".join([*false, "Correct the sentence, or let it branch with decide() or holds()."]))


def describe(difference: Difference, digits: int) -> str:
    """Return a difference with interval and seeds, as plain text."""
    decimals = digits + 2
    mean = f"difference {difference.mean:.{decimals}f}"
    if not difference.is_tested:
        return f"{mean}, fixed values"
    if difference.low is None or difference.high is None:
        return f"{mean}, one seed"
    over = f" over {difference.items} test items and" if difference.items else ","
    if difference.n and difference.n < FEW and not difference.items:
        return f"{mean}, from {difference.least:.{decimals}f} to {difference.most:.{decimals}f}, {difference.n} seeds"
    return (
        f"{mean}, 95 % interval [{difference.low:.{decimals}f}, {difference.high:.{decimals}f}]{over}"
        f" {difference.n} seeds"
    )


def comparison_text(comparison: Comparison) -> Latex:
    """Return the relation as LaTeX text, with what both sides have in common said once: "error: shared < separate"."""
    relation = Latex({"<": r"$<$", ">": r"$>$", "=": "$=$", "~": r"$\approx$", "?": "and"}[comparison.relation])
    margin = comparison.margin
    more = Latex("") if margin is None else Latex(rf" within {number_text(margin, written_decimals(margin))}")
    if comparison.relation == UNSHOWN:
        more = Latex(": not shown")
    left, _, metric = comparison.left.partition(".")
    right, _, other = comparison.right.partition(".")
    if metric and metric == other and not left.isdigit():
        return Latex(f"{breakable(metric)}: {breakable(left)} {relation} {breakable(right)}{more}")
    return Latex(f"{breakable(comparison.left)} {relation} {breakable(comparison.right)}{more}")


def difference_text(comparison: Comparison) -> Latex:
    """Return the difference as LaTeX text, with its interval where the seeds are enough for one, else their range."""
    difference = comparison.difference
    if difference.low is None or difference.high is None or difference.n == 0:
        return number_text(difference.mean, comparison.digits)
    if difference.n < FEW and not difference.items:
        return spread_text(difference.mean, difference.least, difference.most, comparison.digits)
    decimals = decimals_of_uncertainty((difference.high - difference.low) / 2, comparison.digits)
    return Latex(rf"{number_text(difference.mean, decimals)} {bracket(difference.low, difference.high, decimals)}")


def _comparison(text: str, numbers: Mapping[str, Item]) -> Comparison:
    parsed = COMPARISON.fullmatch(text)
    if not parsed:
        raise ReproseError(
            f"claim '{text}': not understood. Write 'key < key', with one of < > = ? between spaces, or 'key ~ key"
            " within 0.01', a number in place of a key where wanted, and several joined by 'and'."
        )
    left, relation, right, within = parsed.groups()
    margin = _margin(text, relation, within)
    a, b = _operand(left, numbers), _operand(right, numbers)
    digits = max((operand.digits for operand in (a, b) if isinstance(operand, Number)), default=4)
    return Comparison(left, relation, right, (_value(a), _value(b)), _difference(a, b), digits, margin)


def _margin(text: str, relation: str, within: str | None) -> float | None:
    """Return within what two quantities count as equal; only "~" has one, and it must."""
    if relation != "~" and within is None:
        return None
    margin = float(within) if within and LITERAL.fullmatch(within) else 0.0
    if relation != "~" or margin <= 0:
        raise ReproseError(
            f"claim '{text}': found {'no margin' if within is None else f'the margin {within!r}'} of '{relation}'."
            " Say from what difference on it would matter: 'key ~ key within 0.01'. Where it is 0 in every seed, write"
            " 'key = key'; where nothing is shown, 'key ? key'."
        )
    return margin


def _operand(text: str, numbers: Mapping[str, Item]) -> Number | float:
    return float(text) if LITERAL.fullmatch(text) else find(numbers, text)


def _value(operand: Number | float) -> float:
    return operand.value if isinstance(operand, Number) else operand


def _samples(operand: Number | float) -> Mapping[int, float]:
    return operand.samples if isinstance(operand, Number) else {}


def _difference(a: Number | float, b: Number | float) -> Difference:
    """Return the difference of two quantities over their common seeds, and over test items where these are kept."""
    found = _over_seeds(a, b)
    tables = _tables(a, b) if found.n != 1 else []
    if not tables or (found.n and found.low == found.high == 0):
        return found
    low, high = crossed_interval(*tables)
    return replace(found, low=low, high=high, items=min(values.size for table in tables for values in table))


def _tables(a: Number | float, b: Number | float) -> list[list[np.ndarray]]:
    """Return by seed what the items add to the difference: item by item on one test part, else one table for each."""
    first, second = _items(a), _items(b)
    if not first or not second or not (first[0] or second[0]):
        return []
    seeds = sorted((_samples(a) or _samples(b)).keys() & (_samples(b) or _samples(a)).keys()) or [0]
    values, others = ([of(seed) for seed in seeds] for of in (first[1], second[1]))
    is_paired = first[0] == second[0] and [*map(len, values)] == [*map(len, others)]
    if is_paired or not (first[0] and second[0]):
        return [[one - other for one, other in zip(values, others, strict=True)]]
    return [values, [-other for other in others]]


def _items(operand: Number | float) -> tuple[str, Callable[[int], np.ndarray | float]] | None:
    """Return of which test part an operand is a mean, "" for a constant, and its items by seed; None if unknown."""
    if isinstance(operand, Number) and operand.items:
        return operand.items.part, operand.by_item
    return None if _samples(operand) else ("", lambda seed: _value(operand))


def _over_seeds(a: Number | float, b: Number | float) -> Difference:
    first, second = _samples(a), _samples(b)
    if not first and not second:
        exact = difference(_value(a), _value(b))
        return Difference(exact, exact, exact, 0, exact, exact)
    seeds = first or second
    return paired_difference(first or dict.fromkeys(seeds, _value(a)), second or dict.fromkeys(seeds, _value(b)))
