"""Gradient descent. The engine runs the epochs, saves, resumes and records."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from reprose import Arrays, Outcome, Run, Trainee, Trainings
from scripts.problems.line.model import error, split


def train(runs: Sequence[Run], data: Mapping[str, Arrays], used: Mapping[str, Arrays], device: str) -> Trainings:
    """Yield every run with what begins its training."""
    for run in runs:
        yield run, partial(Descent, run, data)


class Descent(Trainee):
    """The training of one line from a random start."""

    keeps = ("weights",)

    def __init__(self, run: Run, data: Mapping[str, Arrays]) -> None:
        self.settings, self.epochs, self.data = run.settings, run.settings.epochs, data
        self.inputs, self.wanted = split(data["train"], run.settings.target)
        self.weights = np.random.default_rng(run.seed).normal(size=self.inputs.shape[1])

    def epoch(self) -> dict[str, float]:
        """Take one step and return the validation error after it."""
        slope = 2 * self.inputs.T @ (self.inputs @ self.weights - self.wanted) / len(self.wanted)
        self.weights = self.weights - self.settings.learning_rate * (slope + self.settings.decay * self.weights)
        return {"error": error(self.weights, self.data["validation"], self.settings.target)}

    def outcome(self) -> Outcome:
        """Return the fitted line and its validation error."""
        metric = error(self.weights, self.data["validation"], self.settings.target)
        return Outcome({"weights": self.weights}, {"error": metric})
