"""The line and its loss."""

import numpy as np

from scripts.problems.toy.helper import residual


def loss(weights: np.ndarray, part: dict[str, np.ndarray]) -> float:
    """Return the mean squared error."""
    return float(np.mean(residual(weights[0], weights[1], part["x"], part["y"]) ** 2))


def gradient(weights: np.ndarray, part: dict[str, np.ndarray]) -> np.ndarray:
    """Return the gradient of `loss`, shape (2,)."""
    error = residual(weights[0], weights[1], part["x"], part["y"])
    return np.array([2 * np.mean(error * part["x"]), 2 * np.mean(error)])
