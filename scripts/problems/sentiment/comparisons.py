"""Which variants the questions compare, and under which names they are printed."""

from collections.abc import Mapping
from typing import Any

NETWORKS = {"rnn": "RNN", "lstm": "LSTM", "gru": "GRU", "average": "no order"}  # variant -> label in figures
MIXED = {"rnn_mixed": "RNN, mixed batches", "rnn_padded": "RNN, end of padding"}  # batches of any length
SHOWN = "gru_honest"  # whose predictions stand beside the printed reviews


def by_seed(table: Mapping[Any, Mapping[str, float]], metric: str) -> dict[int, float]:
    """Return `metric` of each seed."""
    return {int(seed): metrics[metric] for seed, metrics in table.items()}
