"""Gradient descent on a line."""

import time
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from reprose import Arrays, Outcome, Run, Trainee, Trainings
from scripts.problems.toy.model import gradient, loss


def train(runs: Sequence[Run], data: Mapping[str, Arrays], used: Mapping[str, Arrays], device: str) -> Trainings:
    """Yield every run with what begins its training, each from its own random start."""
    for run in runs:
        yield run, partial(Descent, run, data)


class Descent(Trainee):
    """The training of one line."""

    keeps = ("weights",)

    def __init__(self, run: Run, data: Mapping[str, Arrays]) -> None:
        self.wanted = run.settings
        self.epochs = self.wanted.epochs
        self.data = data
        self.weights = np.random.default_rng(run.seed).normal(size=2)

    def epoch(self) -> dict[str, float]:
        """Take one step and return the validation error after it."""
        weights, wanted = self.weights, self.wanted
        self.weights = weights - wanted.learning_rate * (gradient(weights, self.data["train"]) + wanted.decay * weights)
        time.sleep(wanted.pause)
        return {"error": loss(self.weights, self.data["validation"])}

    def outcome(self) -> Outcome:
        """Return the fitted line and its validation error."""
        return Outcome({"weights": self.weights}, {"error": loss(self.weights, self.data["validation"])})
