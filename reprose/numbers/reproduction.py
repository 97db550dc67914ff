"""What the documents printed, and whether our runs reproduce it: report/style/published.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
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
        return None if self.ours is None else self.ours - float(self.printed.printed)

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
    """Return one row for each number that `document` printed, with its verdict."""
    return [_row(printed, document, numbers, tier) for printed in document.numbers]


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


def _row(printed: Printed, document: Document, numbers: Mapping[str, Item], tier: str) -> Row:
    number = find(numbers, printed.key)
    decimals = document.decimals or len(printed.printed.partition(".")[2])
    ours = _value(number, document.seed)
    if tier == "sample":
        return Row(printed, number, ours, decimals, SAMPLE)
    other = _value(find(numbers, printed.alternative), document.seed) if printed.alternative else None
    margin = tolerance(printed, decimals) * (1 + 1e-9)
    if _near(printed, ours, margin):
        kind = REPRODUCED
    elif _near(printed, other, margin):
        kind = SWAPPED
    elif number.n > 1 and min(number.samples.values()) <= float(printed.printed) <= max(number.samples.values()):
        kind = SPREAD
    else:
        kind = MISSED
    return Row(printed, number, ours, decimals, kind)


def _value(number: Number, seed: int | None) -> float | None:
    return number.samples.get(seed) if number.samples and seed is not None else number.value


def _near(printed: Printed, value: float | None, margin: float) -> bool:
    return value is not None and abs(value - float(printed.printed)) <= margin


def _document(path: Path, name: str, block: Mapping[str, Any]) -> Document:
    where = f"{path}: {name}"
    lists = {
        part: tuple(_filled(kind, item, f"{where}.{part}[{place}]") for place, item in enumerate(block.get(part, [])))
        for part, kind in (("numbers", Printed), ("statements", Statement))
    }
    return _filled(Document, {**block, **lists, "name": name}, where)


def _filled(kind: type, values: Mapping[str, Any], where: str) -> Any:
    known = {item.name: item for item in fields(kind)}
    for key, value in values.items():
        if key not in known:
            raise ReproseError(f"{where}: unknown key '{key}'. Allowed: {', '.join(known)}.")
        if known[key].type is str and not isinstance(value, str):
            raise ReproseError(f"{where}: '{key}' is {value!r}; write it between quotes, as the document prints it.")
    try:
        return kind(**values)
    except TypeError as error:
        raise ReproseError(f"{where}: {error}.") from error
