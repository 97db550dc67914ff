"""What the views of a problem hold, which summarizes nothing itself: rows of the parts, and the columns in a table."""

from collections.abc import Iterator

import numpy as np

from reprose.numbers.keys import word
from reprose.numbers.printing import significant_decimals
from reprose.numbers.registry import Item, Table, constant
from reprose.training.contract import Arrays, Parts

MEASURES = {"mean": np.mean, "std": np.std, "least": np.min, "most": np.max}


def of_numbers(part: Arrays) -> Arrays:
    """Return the columns of a part that hold finite numbers, each (rows,)."""
    numbers = {name: values for name, values in part.items() if values.ndim == 1 and values.dtype.kind in "biuf"}
    return {name: values for name, values in numbers.items() if values.size and np.isfinite(values).all()}


def described(view: str, parts: Parts) -> Iterator[Item]:
    """Yield "VIEW.train.rows", "VIEW.validation.rows" and, of the rows to train on, the table "VIEW.columns"."""
    source = f"views/{view}/prepare"
    for part, columns in parts.items():
        rows = max((len(values) for values in columns.values() if values.ndim), default=0)
        yield constant(f"{view}.{part}.rows", rows, 0, source)
    lines = []
    for name, values in of_numbers(parts["train"]).items():
        found = {measure: float(compute(values)) for measure, compute in MEASURES.items()}
        digits = significant_decimals(found.values())
        key = f"{view}.columns.{word(name)}"
        lines.append((name, *(constant(f"{key}.{measure}", value, digits, source) for measure, value in found.items())))
    if lines:
        yield Table(f"{view}.columns", ("", *MEASURES), tuple(lines), source, labels=1)
