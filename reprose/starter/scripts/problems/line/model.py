"""The line and its error."""

import numpy as np

from reprose import Arrays


def split(part: Arrays, target: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the inputs with a column of ones, (rows, inputs + 1), and what is to be predicted, (rows,)."""
    inputs = [part[name] for name in sorted(part) if name != target]
    return np.column_stack([*inputs, np.ones(len(part[target]))]), part[target]


def error(weights: np.ndarray, part: Arrays, target: str) -> float:
    """Return the mean squared error."""
    inputs, wanted = split(part, target)
    return float(np.mean((inputs @ weights - wanted) ** 2))
