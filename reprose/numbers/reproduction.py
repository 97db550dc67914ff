"""What the documents printed, and whether our runs reproduce it: report/style/published.yaml."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from pathlib import Path
from typing import Any

from reprose.base.errors import ReproseError
from reprose.config.reading import load
from reprose.numbers.claims import Comparison, evaluate
from reprose.numbers.printing import decimal
from reprose.numbers.registry import Item, Number, find

REPRODUCED = "as printed"
SWAPPED = "labels swapped"
SPREAD = "within seed spread"
MISSED = "not reproduced"
SAMPLE = "not comparable"  # stand-in data cannot reproduce a published number
NUMBER = re.compile(r"[-+\u2212]?(\d{1,3}(,\d{3})+|\d+|(?=\.\d))(\.\d*)?([eE][-+\u2212]?\d+)?")
WHOLE = {int: "a whole number", int | None: "a whole number or null"}


@dataclass(frozen=True)
class Printed:
    """One number that a document printed, and the number of ours that it should equal."""

    question: str
    group: str  # the run that it belongs to; rows of one group stand together
    label: str
    printed: str  # as in the document, a string: trailing zeros count
    key: str
    column: str = ""  # the document's own column heading
    alternative: str = ""  # the number that it equals if the document swapped its columns
    tolerance: float = 0.0  # absolute; 0 for half a unit in the last printed digit
    note: str = ""

    @property
    def value(self) -> float:
        """Return the number."""
        return float(self._exact)

    @property
    def decimals(self) -> int:
        """Return at which decimal the last printed digit stands: 2 of 0.25, 5 of 3e-5, -3 of 12e3."""
        return -int(self._exact.as_tuple().exponent)

    @property
    def _exact(self) -> Decimal:
        return Decimal(self.printed.replace("\u2212", "-").replace(",", ""))


@dataclass(frozen=True)
class Statement:
    """One sentence of a document that compares results, with the relation that it states."""

    question: str
    says: str
    test: str


@dataclass(frozen=True)
class Document:
    """What one document printed."""

    name: str
    title: str
    seed: int | None  # of the run that its numbers come from; null where the document does not say
    numbers: tuple[Printed, ...]
    statements: tuple[Statement, ...] = ()
    decimals: int = 0  # printed decimals when trailing zeros are dropped; 0: read them off each number


@dataclass(frozen=True)
class Row:
    """One printed number beside ours."""

    printed: Printed
    number: Number
    ours: float | None  # of the document's seed, the mean if it names none; None if that seed was not run
    decimals: int
    kind: str  # REPRODUCED, SWAPPED, SPREAD, MISSED or SAMPLE

    @property
    def difference(self) -> float | None:
        """Return ours minus printed, or None without a value of ours."""
        return None if self.ours is None else self.ours - self.printed.value

    @property
    def verdict(self) -> str:
        """Return the verdict in a few words; a number that is not reproduced comes with the right one."""
        if self.kind != MISSED:
            return self.kind
        return f"no: it is {decimal(self.ours, self.decimals)}" if self.ours is not None else "no: seed not run"


def read_published(path: Path) -> dict[str, Document]:
    """Return the documents in `path` by name; an unknown, missing or ill-typed key is an error that names it."""
    return {name: _document(path, name, block) for name, block in load(path).items()}


def reproduction(document: Document, numbers: Mapping[str, Item], tier: str) -> list[Row]:
    """Return one row for each number that `document` printed, with its verdict.

    What stands in one row of the document's table is judged together: all of it under its own headings, or all of it
    under the others. Where neither fits, each number is judged under the headings that fit most rows.
    """
    fits = [_fit(printed, document, numbers) for printed in document.numbers]
    places: dict[tuple[str, str, str], list[int]] = {}
    for place, printed in enumerate(document.numbers):
        places.setdefault((printed.question, printed.group, printed.label), []).append(place)
    whole = [tuple(all(fits[place][side] for place in row) for side in (0, 1)) for row in places.values()]
    is_swapped = whole.count((False, True)) > whole.count((True, False))
    found: dict[int, Row] = {}
    for row, fit in zip(places.values(), whole, strict=True):
        for place in row:
            sides = fit if any(fit) else ((False, fits[place][1]) if is_swapped else fits[place])
            found[place] = _row(document.numbers[place], document, numbers, tier, sides, is_swapped and len(row) > 1)
    return [found[place] for place in sorted(found)]


def statements(document: Document, numbers: Mapping[str, Item]) -> list[tuple[Statement, Comparison, bool]]:
    """Return each comparison that `document` states, evaluated, and whether it is the first of its sentence."""
    return [
        (item, comparison, place == 0)
        for item in document.statements
        for place, comparison in enumerate(evaluate(item.test, numbers))
    ]


def tolerance(printed: Printed, decimals: int) -> float:
    """Return how far ours may be from the printed number: half a unit in its last digit unless stated otherwise."""
    return printed.tolerance or 0.5 * 10.0**-decimals


def _fit(printed: Printed, document: Document, numbers: Mapping[str, Item]) -> tuple[bool, bool]:
    """Return whether ours equals a printed number under its own heading, and under the other one."""
    margin = tolerance(printed, document.decimals or printed.decimals) * (1 + 1e-9)
    keys = (printed.key, printed.alternative)
    own, other = (bool(key) and _near(printed, _value(find(numbers, key), document.seed), margin) for key in keys)
    return own, other


def _row(
    printed: Printed,
    document: Document,
    numbers: Mapping[str, Item],
    tier: str,
    sides: tuple[bool, bool],
    is_swapped: bool,
) -> Row:
    """Return the verdict on a number that fits under its own or the other heading, as `sides` say."""
    number = find(numbers, printed.key)
    decimals = document.decimals or printed.decimals
    ours = _value(number, document.seed)
    if tier == "sample":
        kind = SAMPLE
    elif any(sides):
        kind = REPRODUCED if sides[0] else SWAPPED
    elif is_swapped and printed.alternative:
        kind, number = MISSED, find(numbers, printed.alternative)
        ours = _value(number, document.seed)
    elif number.n > 1 and min(number.samples.values()) <= printed.value <= max(number.samples.values()):
        kind = SPREAD
    else:
        kind = MISSED
    return Row(printed, number, ours, max(decimals, 0), kind)


def _value(number: Number, seed: int | None) -> float | None:
    return number.samples.get(seed) if number.samples and seed is not None else number.value


def _near(printed: Printed, value: float | None, margin: float) -> bool:
    return value is not None and abs(value - printed.value) <= margin


def _document(path: Path, name: str, block: Any) -> Document:
    where = f"{path}: {name}"
    given = dict(_typed(block, Mapping, where, "a mapping"))
    for part, kind in (("numbers", Printed), ("statements", Statement)):
        entries = enumerate(_typed(given.get(part, []), list, f"{where}.{part}", "a list"))
        given[part] = tuple(_filled(kind, item, f"{where}.{part}[{place}]") for place, item in entries)
    return _filled(Document, {**given, "name": name}, where)


def _filled(kind: type, values: Any, where: str) -> Any:
    known = {item.name: item for item in fields(kind)}
    for key, value in _typed(values, Mapping, where, "a mapping").items():
        if key not in known:
            raise ReproseError(f"{where}: unknown key '{key}'. Allowed: {', '.join(known)}.")
        declared = known[key].type
        if declared is str and not isinstance(value, str):
            raise ReproseError(f"{where}: '{key}' is {value!r}; write it between quotes, as the document prints it.")
        if declared is float or declared in WHOLE:
            allowed = int | float if declared is float else declared
            _typed(value, allowed, f"{where}: '{key}'", WHOLE.get(declared, "a number"))
        if key == "printed" and not NUMBER.fullmatch(value):
            raise ReproseError(f"{where}: 'printed' is '{value}', expected a number such as '0.25', '1,234' or '3e-5'.")
    try:
        return kind(**values)
    except TypeError as error:
        raise ReproseError(f"{where}: {error}.") from error


def _typed(value: Any, allowed: Any, where: str, words: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, allowed):
        raise ReproseError(f"{where} is {value!r}, expected {words}.")
    return value
