"""Gradient descent on a line."""

import time
from collections.abc import Mapping, Sequence

import numpy as np
from problems.toy.hyperparameters import Hyperparameters
from problems.toy.model import gradient, loss

from reprose.experiment import Arrays, Outcome, Run, Session, settings


def train(
    runs: Sequence[Run], data: Mapping[str, Arrays], used: Mapping[str, Arrays], session: Session
) -> dict[str, Outcome]:
    """Train every run from its own random start."""
    return {run.name: fit(settings(Hyperparameters, run.values, run.name), run.seed, data) for run in runs}


def fit(values: Hyperparameters, seed: int, data: Mapping[str, Arrays]) -> Outcome:
    """Return the outcome of one run."""
    weights = np.random.default_rng(seed).normal(size=2)
    history = []
    for _ in range(values.epochs):
        weights = weights - values.learning_rate * (gradient(weights, data["train"]) + values.decay * weights)
        history.append(loss(weights, data["validation"]))
        time.sleep(values.pause)
    return Outcome({"weights": weights}, {"error": np.array(history)}, {"error": history[-1]})
