"""The registry: all numbers and texts that a template may print, with spread, seeds and origin."""

import difflib
import math
import re
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np

from reprose.base.canonical import is_finite, read_json, to_pretty_json
from reprose.base.errors import ReproseError
from reprose.base.messages import did_you_mean
from reprose.numbers.intervals import crossed_interval, mean_interval
from reprose.numbers.items import CLOSE, Items

KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")


@dataclass(frozen=True)
class Number:
    """One number: its value, the value of each seed, and how it is printed."""

    key: str  # dots and snake_case: "shared_ranking.eval_mrr.raw"
    samples: Mapping[int, float]  # seed -> value; empty for a constant
    value: float  # mean over the samples, or the constant
    digits: int  # decimals when printed
    unit: str = ""  # "", "%", "epochs", ...
    better: str = ""  # "lower", "higher", or "" where neither is
    source: str = ""  # name of the job that made it: "problem/variant/choose"
    mean_of: str = ""  # the metric of `source` that it is, where that is a mean over the items of the test part
    items: Items | None = field(default=None, compare=False, repr=False)  # these items, where they are at hand

    def __post_init__(self) -> None:
        """Refuse keys and directions that are not allowed, and values that are not finite."""
        _check_key("number", self.key)
        if self.better not in ("lower", "higher", ""):
            raise ReproseError(f"number '{self.key}': better is '{self.better}'. Allowed: lower, higher, ''.")
        if not isinstance(self.digits, Integral) or self.digits < 0:
            raise ReproseError(f"number '{self.key}': digits is {self.digits!r}, expected a whole number from 0.")
        for seed, sample in [*self.samples.items(), (None, self.value)]:
            _check_finite(self.key, sample, seed, self.source)

    @property
    def n(self) -> int:
        """Return how many seeds were measured; 0 for a constant."""
        return len(self.samples)

    @property
    def std(self) -> float:
        """Return the standard deviation over seeds (ddof 1); 0 with fewer than two."""
        return statistics.stdev(self.samples.values()) if self.n > 1 else 0.0

    @property
    def least(self) -> float:
        """Return the smallest of the seeds' values; the value itself for a constant."""
        return min(self.samples.values(), default=self.value)

    @property
    def most(self) -> float:
        """Return the largest of the seeds' values; the value itself for a constant."""
        return max(self.samples.values(), default=self.value)

    @property
    def low(self) -> float:
        """Return the lower end of the 95 % interval of the mean; the value itself for a constant."""
        return self._interval[0]

    @property
    def high(self) -> float:
        """Return the upper end of the 95 % interval of the mean; the value itself for a constant."""
        return self._interval[1]

    def by_item(self, seed: int) -> np.ndarray:
        """Return what each item of the test part adds for one seed, (items,); only where `items` are at hand.

        Of a number in per cent the items are shares, as the metric is.
        """
        values, sample = self.items.of(seed if self.samples else None), self.samples.get(seed, self.value)
        values = 100 * values if self.unit == "%" else values
        if not math.isclose(values.mean(), sample, rel_tol=CLOSE, abs_tol=CLOSE * np.abs(values).max()):
            raise ReproseError(
                f"number '{self.key}' is {sample} for seed {seed}, but the mean of the items of"
                f" '{self.mean_of}' is {values.mean()}. In summary.py, give `mean_of` the metric that the number is."
            )
        return values

    @cached_property
    def _interval(self) -> tuple[float, float]:
        if not self.samples:
            return self.value, self.value
        if self.items and self.n > 1:
            return crossed_interval([self.by_item(seed) for seed in self.samples])
        return mean_interval(self.samples.values())


@dataclass(frozen=True)
class Text:
    """One text out of the data or the results, such as a review or the words of a topic."""

    key: str  # dots and snake_case, unique among numbers and texts
    value: str  # one line, not blank; printed as it is, what the fonts lack as codes
    source: str  # name of the job that made it: "problem/variant/evaluate"

    def __post_init__(self) -> None:
        """Refuse keys that are not allowed, and values that are not one line of text."""
        _check_key("text", self.key)
        if not isinstance(self.value, str) or not self.value.strip() or len(self.value.splitlines()) != 1:
            raise ReproseError(
                f"text '{self.key}' is {self.value!r}, expected one line of text that is not blank. It comes from"
                f" {maker(self.source)}."
            )


@dataclass(frozen=True)
class Table:
    """One table of results: headings, and rows whose cells are numbers of the registry or plain text."""

    key: str  # dots and snake_case, unique among numbers and texts
    columns: tuple[str, ...]
    rows: tuple[tuple[Number | str, ...], ...]
    source: str  # name of the job that made it
    labels: int = 0  # columns at the left that name the row

    def __post_init__(self) -> None:
        """Refuse keys that are not allowed, and tables without rows."""
        _check_key("table", self.key)
        if not self.rows or not self.columns:
            raise ReproseError(f"table '{self.key}' has {len(self.rows)} rows and {len(self.columns)} columns.")

    def column(self, place: int) -> list[Number]:
        """Return the numbers in one column."""
        return [row[place] for row in self.rows if isinstance(row[place], Number)]


Item = Number | Text | Table


def measured(
    key: str, samples: Mapping[int, float], digits: int, better: str, source: str, unit: str = "", mean_of: str = ""
) -> Number:
    """Return a number measured once per seed; its value is the mean. `mean_of`: the metric whose items are kept."""
    if not samples:
        raise ReproseError(f"number '{key}': no samples. It comes from {maker(source)}.")
    for seed, sample in samples.items():
        _check_finite(key, sample, seed, source)
    plain = {int(seed): float(samples[seed]) for seed in sorted(samples)}
    return Number(key, plain, math.fsum(plain.values()) / len(plain), digits, unit, better, source, mean_of)


def constant(key: str, value: float, digits: int, source: str, unit: str = "", mean_of: str = "") -> Number:
    """Return a number that does not depend on a seed: a count, a setting, what a fit without chance gives."""
    return Number(key, {}, value, digits, unit, "", source, mean_of)


def _check_finite(key: str, value: Any, seed: int | None, source: str) -> None:
    if not is_finite(value):
        text = " A text is Text(key, value, source)." if isinstance(value, str) else ""
        raise ReproseError(
            f"number '{key}' is {value}{'' if seed is None else f' for seed {seed}'}, expected a finite number.{text}"
            f" It comes from {maker(source)}."
        )


def maker(source: str) -> str:
    """Return "rule 'choose' (job problem/variant/choose)" for messages."""
    return f"rule '{source.rsplit('/', 1)[-1]}' (job {source})" if source else "a job that it does not name"


def find(items: Mapping[str, Item], key: str) -> Number:
    """Return the number `key`; where it is missing, say which are near and which rule makes them."""
    item = _find(items, key, Number)
    if not isinstance(item, Number):
        kind = _kind(type(item))
        raise ReproseError(
            f"'{key}' in numbers.json is a {kind}, which cannot be compared; print it with {_call(item)}."
        )
    return item


def find_text(items: Mapping[str, Item], key: str) -> Text:
    """Return the text `key`; where it is missing, say which are near and which rule makes them."""
    item = _find(items, key, Text)
    if not isinstance(item, Text):
        raise ReproseError(f"'{key}' in numbers.json is a {_kind(type(item))}; print it with {_call(item)}.")
    return item


def find_table(items: Mapping[str, Item], key: str) -> Table:
    """Return the table `key`; where it is missing, say which are near and which rule makes them."""
    item = _find(items, key, Table)
    if not isinstance(item, Table):
        raise ReproseError(f"'{key}' in numbers.json is a {_kind(type(item))}; print it with {_call(item)}.")
    return item


def write_numbers(path: Path, items: Iterable[Item]) -> None:
    """Write numbers, texts and tables to the file `path` as JSON by key; two with one key are an error.

    A number that stands in a table need not be given by itself.
    """
    table: dict[str, Item] = {}
    for item in items:
        if item.key in table:
            raise ReproseError(f"{_kind(type(item))} '{item.key}' is given twice. Keys are unique within a problem.")
        table[item.key] = item
    for made in [item for item in table.values() if isinstance(item, Table)]:
        for number in (cell for row in made.rows for cell in row if isinstance(cell, Number)):
            if table.setdefault(number.key, number) != number:
                raise ReproseError(f"table '{made.key}': its number '{number.key}' is given with another value, too.")
    records = {key: RECORDS[type(item)](item) for key, item in table.items()}
    Path(path).write_text(to_pretty_json(records), encoding="utf-8")


def read_numbers(path: Path, artifacts: Mapping[str, Path] | None = None) -> dict[str, Item]:
    """Return the numbers and texts in the file `path` by key; `artifacts`: evaluate job -> the file that it left."""
    records = read_json(path)
    items: dict[str, Item] = {
        key: _item(path, key, record, artifacts or {}) for key, record in records.items() if "columns" not in record
    }
    return items | {key: _table(path, key, record, items) for key, record in records.items() if "columns" in record}


def _kind(kind: type[Item]) -> str:
    return kind.__name__.lower()


def _call(item: Item) -> str:
    return f"{'n' if isinstance(item, Number) else _kind(type(item))}('{item.key}')"


def _check_key(kind: str, key: str) -> None:
    if not KEY.fullmatch(key):
        raise ReproseError(f"{kind} '{key}': keys are words of a-z, 0-9 and _, joined by dots.")


def _other(key: str) -> str:
    """Return how numbers of another problem come here, where a key names one."""
    problem, slash, _ = key.partition("/")
    return f" Numbers of another problem come here by 'uses: {{results: [{problem}]}}' in config.yaml." if slash else ""


def _find(items: Mapping[str, Item], key: str, kind: type[Item]) -> Item:
    if key in items:
        return items[key]
    same = [name for name, item in items.items() if isinstance(item, kind)]
    near = difflib.get_close_matches(key, same, n=3, cutoff=0.5)
    raise ReproseError(
        f"no {_kind(kind)} '{key}' in numbers.json.{did_you_mean(near)}{_other(key)} Rule 'summarize' makes it: see"
        " summary.py of the problem; where there is none, each metric and setting is a number."
    )


def _record(number: Number) -> dict[str, Any]:
    interval = [number.low, number.high] if number.n > 1 else None
    return {
        "better": number.better,
        "digits": number.digits,
        "interval": interval,  # this and the next two are for people; they are computed again when read
        "n": number.n,
        "std": number.std,
        "samples": {str(seed): value for seed, value in number.samples.items()},
        "source": number.source,
        "unit": number.unit,
        "value": number.value,
        **({"mean_of": number.mean_of} if number.mean_of else {}),
    }


def _text_record(text: Text) -> dict[str, Any]:
    return {"text": text.value, "source": text.source}


def _table_record(table: Table) -> dict[str, Any]:
    rows = [[{"number": cell.key} if isinstance(cell, Number) else cell for cell in row] for row in table.rows]
    return {"columns": list(table.columns), "rows": rows, "source": table.source, "labels": table.labels}


RECORDS = {Number: _record, Text: _text_record, Table: _table_record}


def _table(path: Path, key: str, record: Mapping[str, Any], items: Mapping[str, Item]) -> Table:
    try:
        rows = tuple(
            tuple(cell if isinstance(cell, str) else find(items, cell["number"]) for cell in row)
            for row in record["rows"]
        )
        return Table(key, tuple(record["columns"]), rows, record["source"], record["labels"])
    except (KeyError, TypeError) as error:
        raise ReproseError(f"{path}: table '{key}' is damaged ({error!r}). Delete the file and run again.") from error


def _item(path: Path, key: str, record: Mapping[str, Any], artifacts: Mapping[str, Path]) -> Item:
    kind = Text if "text" in record else Number
    try:
        if kind is Text:
            return Text(key, record["text"], record["source"])
        samples = {int(seed): float(value) for seed, value in record["samples"].items()}
        fields = {name: record[name] for name in ("value", "digits", "unit", "better", "source")}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ReproseError(
            f"{path}: {_kind(kind)} '{key}' is damaged ({error!r}). Delete the file and run again."
        ) from error
    metric, left = record.get("mean_of", ""), artifacts.get(record["source"])
    return Number(key, samples, **fields, mean_of=metric, items=Items(left, metric) if metric and left else None)
