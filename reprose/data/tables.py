"""Tables of one's own: a file with a header read as columns, and splits that need no code."""

import csv
import warnings
from collections.abc import Mapping
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd

from reprose.base.canonical import read_json
from reprose.base.errors import ReproseError

Table = Mapping[str, np.ndarray]
PARTS = ("train", "validation", "test")
SEPARATORS = (",", ";", "\t")
TRUTH = {"True": True, "False": False, "true": True, "false": False, "TRUE": True, "FALSE": False}


def read(folder: Path) -> dict[str, np.ndarray]:
    """Return the columns of the one table in `folder`, each (rows,): whole numbers, numbers, truth values or text.

    The table is UTF-8 text with a header, its cells parted by commas, semicolons or tabs. A column that mixes numbers
    and text, a cell without a value, a row of another length and a header that names a column twice are errors.
    """
    (name,) = read_json(folder / "manifest.json")
    path = folder / name
    try:
        text = path.read_text(encoding="utf-8-sig")
        header = text.partition("\n")[0]
        sign = max(SEPARATORS, key=header.count)
        names = next(csv.reader([header], delimiter=sign), [])
        _check_names(path.name, names)
        with warnings.catch_warnings(action="error"):  # rows that are longer than the header
            frame = pd.read_csv(StringIO(text), sep=sign, dtype=str, keep_default_na=False, index_col=False)
    except (ValueError, Warning) as error:  # the errors of pandas and of decoding are ValueErrors
        raise ReproseError(f"{path.name}: cannot be read as a table: {error}") from error
    if frame.empty:
        raise ReproseError(f"{path.name}: no rows. Expected a header, and a row for each item.")
    return {name: _column(path.name, name, frame[name]) for name in names}


def _check_names(file: str, names: list[str]) -> None:
    for name in names or [""]:
        if not name.strip() or names.count(name) > 1:
            raise ReproseError(
                f"{file}: the header has '{name}' {names.count(name)} times. Give each column a name of its own."
            )


def _column(file: str, name: str, cells: pd.Series) -> np.ndarray:
    """Return a column as the simplest kind that holds all its cells."""
    blank = cells.isna() | (cells.str.strip() == "")
    if blank.any():
        raise ReproseError(
            f"{file}: row {blank.argmax() + 1} of column '{name}' has no value. Fill it, leave the row out, or write a"
            " function `read(folder)` in a module of the data set that says what it means."
        )
    if cells.isin(TRUTH).all():
        return cells.map(TRUTH).to_numpy(dtype=bool)
    numbers = pd.to_numeric(cells, errors="coerce")
    is_number = numbers.notna().to_numpy()
    if is_number.all():
        if not np.isfinite(found := numbers.to_numpy()).all():
            row = np.isinf(found).argmax()
            raise ReproseError(f"{file}: row {row + 1} of column '{name}' is {cells[row]}. Allowed: finite numbers.")
        return found
    if is_number.any():
        texts, others = (~is_number).argmax(), is_number.argmax()
        raise ReproseError(
            f"{file}: column '{name}' mixes numbers and text: row {texts + 1} is '{cells[texts]}', row {others + 1} is"
            f" '{cells[others]}'. Write one kind, or a function `read(folder)` in a module of the data set."
        )
    return cells.to_numpy(dtype=str)


def random_split(table: Table, *, seed: int, validation: float, test: float = 0.0) -> dict[str, dict[str, np.ndarray]]:
    """Split rows at random into parts; `validation` and `test` are shares of all rows, 0 allowed."""
    rows = _rows(table)
    return _cut(table, np.random.default_rng(seed).permutation(rows), rows, validation, test)


def ordered_split(table: Table, *, validation: float, test: float = 0.0) -> dict[str, dict[str, np.ndarray]]:
    """Split rows in their order, as time series want it: first those to train on, last those to test on."""
    rows = _rows(table)
    return _cut(table, np.arange(rows), rows, validation, test)


def _rows(table: Table) -> int:
    """Return how many rows a table has; columns that are no arrays of that length are an error."""
    rows = {
        name: len(column) if isinstance(column, np.ndarray) and column.ndim else -1 for name, column in table.items()
    }
    if len({*rows.values()}) != 1 or -1 in rows.values():
        found = ", ".join(f"'{name}' {'no array' if count < 0 else count}" for name, count in rows.items())
        raise ReproseError(
            f"rows of the columns: {found or 'no column'}. Allowed: arrays of one length, to split them."
        )
    return next(iter(rows.values()))


def _cut(
    table: Table, order: np.ndarray, rows: int, validation: float, test: float
) -> dict[str, dict[str, np.ndarray]]:
    if not (0 <= validation < 1 and 0 <= test < 1 and validation + test < 1):
        raise ReproseError(
            f"config.yaml: views: validation {validation}, test {test}. Allowed: shares whose sum is below 1."
        )
    held, tested = round(validation * rows), round(test * rows)
    ends = np.cumsum([rows - held - tested, held, tested])
    places = dict(zip(PARTS, np.split(order, ends[:-1]), strict=True))
    return {part: {name: column[at] for name, column in table.items()} for part, at in places.items()}
