"""What the four networks are called, and which of their settings were searched."""

from typing import Any

from reprose import VariantResults

NETWORKS = ("logistic", "hidden", "convolution", "tutorial")
SEARCHED = {  # network -> setting -> decimals, in the order of the table
    "logistic": {"learning_rate": 4, "weight_decay": 4},
    "hidden": {"hidden": 0, "learning_rate": 4},
    "convolution": {"filters": 0, "pool": 0, "learning_rate": 4},
    "tutorial": {"filters_2": 0, "kernel_2": 0, "learning_rate": 4},
}
LINES = {
    "logistic": "weight_decay",
    "hidden": "learning_rate",
    "convolution": "learning_rate",
    "tutorial": "learning_rate",
}
SYMBOLS = {  # setting -> how figures and tables name it
    "learning_rate": "rate",
    "weight_decay": "decay",
    "hidden": "$M$",
    "filters": "$M$",
    "pool": "$N$",
    "filters_2": "filters",
    "kernel_2": "kernel",
}
SHOWN = {  # network -> further settings of the winner that the text prints
    "logistic": (),
    "hidden": (),
    "convolution": ("kernel",),
    "tutorial": ("filters", "kernel", "features_1", "features_2"),
}


def by_seed(table: dict[Any, dict[str, float]], metric: str) -> dict[int, float]:
    """Return `metric` of each seed."""
    return {int(seed): metrics[metric] for seed, metrics in table.items()}


def first_seed(variant: VariantResults) -> int:
    """Return the seed whose network is shown."""
    return min(int(seed) for seed in variant.metrics)
