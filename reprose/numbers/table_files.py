"""Tables of results as CSV files."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from reprose.numbers.registry import Number, Table


def as_csv(table: Table) -> str:
    """Return a table as CSV: numbers with all their digits, those of several seeds with their standard deviation."""
    spread = [any(number.n > 1 for number in table.column(place)) for place in range(len(table.columns))]
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(_beside(table.columns, [f"{name} (std)" for name in table.columns], spread))
    for row in table.rows:
        values = [cell.value if isinstance(cell, Number) else cell for cell in row]
        stds = [cell.std if isinstance(cell, Number) else "" for cell in row]
        writer.writerow(_beside(values, stds, spread))
    return file.getvalue()


def _beside(values: Sequence[Any], more: Sequence[Any], wanted: list[bool]) -> list[Any]:
    return [
        each
        for value, extra, both in zip(values, more, wanted, strict=True)
        for each in ((value, extra) if both else (value,))
    ]
