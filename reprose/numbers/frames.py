"""Tables of results: a frame of pandas as numbers of the registry."""

from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any

import pandas as pd

from reprose.base.errors import ReproseError
from reprose.numbers.keys import word
from reprose.numbers.registry import Number, Table, constant

DIGITS = 3


def table(
    key: str,
    frame: pd.DataFrame,
    source: str,
    digits: int | Mapping[str, int] = DIGITS,
    units: Mapping[str, str] | None = None,
) -> Table:
    """Return a frame as a table that `table(key)` prints in a section, and that is left as CSV beside the numbers.

    A cell is a number of the registry (`measured`, `constant`), a plain number, which becomes one with the key
    "key.row.column", or text. `digits`: the decimals of plain numbers, by column where they differ; whole numbers have
    none. `units`: column -> unit, such as "%". The index names the rows, unless it only counts them.
    """
    if not isinstance(frame, pd.DataFrame):
        raise ReproseError(f"table '{key}' is made of a {type(frame).__name__}, expected a DataFrame of pandas.")
    counts = isinstance(frame.index, pd.RangeIndex) and frame.index.name is None
    names = [] if counts else ["" if name is None else str(name) for name in frame.index.names]
    headings = [_joined(heading) for heading in frame.columns]
    for name in {*(digits if isinstance(digits, Mapping) else ()), *(units or ())}:
        if name not in headings:
            raise ReproseError(f"table '{key}': no column '{name}'. There are: {', '.join(headings)}.")
    rows = []
    for index, *values in frame.itertuples(name=None):
        row_key = f"{key}.{word(_joined(index))}"
        label = [] if counts else [str(part) for part in (index if isinstance(index, tuple) else (index,))]
        cells = [
            _cell(f"{row_key}.{word(heading)}", value, source, _of(digits, heading), (units or {}).get(heading, ""))
            for heading, value in zip(headings, values, strict=True)
        ]
        rows.append((*label, *cells))
    made = Table(key, (*names, *headings), tuple(rows), source, len(names))
    keys = [cell.key for row in rows for cell in row if isinstance(cell, Number)]
    if twice := next((each for each in keys if keys.count(each) > 1), None):
        raise ReproseError(
            f"table '{key}': two cells are the number '{twice}'. Give rows and columns names of their own."
        )
    return made


def _cell(key: str, value: Any, source: str, digits: int, unit: str) -> Number | str:
    if isinstance(value, Number):
        return value
    if not isinstance(value, str) and pd.isna(value):
        raise ReproseError(
            f"table '{key.partition('.')[0]}': no value for '{key}'. Write what shall stand there, such as \"--\"."
        )
    if isinstance(value, Real) and not isinstance(value, bool):
        is_whole = isinstance(value, Integral)
        return constant(key, int(value) if is_whole else float(value), 0 if is_whole else digits, source, unit)
    return " ".join(str(value).split())


def _of(digits: int | Mapping[str, int], heading: str) -> int:
    return digits.get(heading, DIGITS) if isinstance(digits, Mapping) else digits


def _joined(label: Any) -> str:
    return " ".join(map(str, label)).strip() if isinstance(label, tuple) else str(label)
