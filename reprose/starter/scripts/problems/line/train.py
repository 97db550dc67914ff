"""A linear model of one column of a table. The engine runs the epochs, saves, resumes, records and evaluates."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from reprose import Arrays, Outcome, Run, Trainee, Trainings


def train(runs: Sequence[Run], data: Mapping[str, Arrays], used: Mapping[str, Arrays], device: str) -> Trainings:
    """Yield every run with what begins its training."""
    for run in runs:
        yield run, partial(Descent, run, data)


def measure(run: Run, weights: Arrays, part: Arrays) -> Arrays:
    """Return the metrics of a part that was not trained on, (rows,): squared errors, whose mean counts."""
    inputs, wanted = split(part, run.settings.target)
    return {"error": (inputs @ weights["weights"] - wanted) ** 2}


def split(part: Arrays, target: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the inputs with a column of ones, (rows, inputs + 1), and what is to be predicted, (rows,)."""
    inputs = [part[name] for name in sorted(part) if name != target]
    return np.column_stack([*inputs, np.ones(len(part[target]))]), part[target]


class Descent(Trainee):
    """Gradient descent on one line from a random start."""

    keeps = ("weights",)

    def __init__(self, run: Run, data: Mapping[str, Arrays]) -> None:
        self.run, self.epochs, self.data = run, run.settings.epochs, data
        self.inputs, self.wanted = split(data["train"], run.settings.target)
        self.weights = np.random.default_rng(run.seed).normal(size=self.inputs.shape[1])

    def epoch(self) -> dict[str, float]:
        """Take one step and return the validation error after it."""
        settings = self.run.settings
        slope = 2 * self.inputs.T @ (self.inputs @ self.weights - self.wanted) / len(self.wanted)
        self.weights = self.weights - settings.learning_rate * (slope + settings.decay * self.weights)
        return {"error": measure(self.run, self.outcome().weights, self.data["validation"])["error"].mean()}

    def outcome(self) -> Outcome:
        """Return what is kept of the line; `measure` finds its metrics."""
        return Outcome({"weights": self.weights})
