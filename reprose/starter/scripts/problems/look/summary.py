"""The numbers that the report may print."""

import pandas as pd

from reprose import Item, Results, constant, table


def summarize(results: Results) -> list[Item]:
    """Return how many rows there are to train on, and a table of their columns."""
    (parts,) = results.views.values()
    source = f"{results.problem}/summarize"
    frame = pd.DataFrame(parts["train"])
    columns = frame.describe().T[["mean", "std", "min", "max"]]
    return [constant("rows", len(frame), 0, source), table("columns", columns, source, digits=2)]
