"""Which variants the document's questions need, under which names they are printed."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from reprose import VariantResults

TESTED = ("tuned", "regularized", "document", "document_regularized", "document_last", "rasch", "improved")
PRINTED_EPOCHS = (0, 4, 9, 14, 19, 24, 29, 34, 39, 44, 49)  # counted from 0, as the document prints them


def best_of_size(search: VariantResults) -> Iterator[dict[str, Any]]:
    """Yield the best trial of each number of hidden units, the smallest first; of equals the first."""
    for hidden in sorted({trial["values"]["hidden"] for trial in search.trials}):
        yield max((t for t in search.trials if t["values"]["hidden"] == hidden), key=lambda trial: trial["mean"])


def longest_curves(search: VariantResults, like: dict[str, Any], metric: str) -> np.ndarray:
    """Return the history of `metric` for the most epochs of a trial's width and rate, (seeds, epochs)."""
    keys = ("hidden", "learning_rate")
    alike = [t for t in search.trials if all(t["values"][key] == like["values"][key] for key in keys)]
    longest = max(alike, key=lambda trial: trial["values"]["epochs"])
    return np.stack([search.histories[f"{longest['trial']}/{seed}"][metric] for seed in longest["metrics"]])


def by_seed(table: dict[Any, dict[str, float]], metric: str) -> dict[int, float]:
    """Return `metric` of each seed."""
    return {int(seed): metrics[metric] for seed, metrics in table.items()}
