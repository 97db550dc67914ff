"""A line that is fitted by gradient descent. All tools of the comparison run this same file."""

import time

import numpy as np

STEPS = 20
PAUSE = 0.2  # seconds that stand for the work of a training


def gradient(weights: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the gradient of half the mean squared error, (2,)."""
    # the slope comes first
    error = weights[0] * x + weights[1] - y
    return np.array([np.mean(error * x), np.mean(error)])


def fitted(part: dict[str, np.ndarray], rate: float, decay: float, seed: int) -> np.ndarray:
    """Return slope and offset, (2,), after some steps from a random start."""
    time.sleep(PAUSE)
    weights = np.random.default_rng(seed).normal(size=2)
    for _ in range(STEPS):
        weights = weights - rate * (gradient(weights, part["x"], part["y"]) + decay * weights)
    return weights


def test_error(weights: np.ndarray, part: dict[str, np.ndarray]) -> float:
    """Return the mean absolute error on the test part; lower is better."""
    return float(np.mean(np.abs(weights[0] * part["x"] + weights[1] - part["y"])))
