"""The weight alpha of the KL divergence: it grows with every gradient step, from 0 to 1."""

import math
from dataclasses import dataclass

SCHEDULES = ("linear", "logistic", "none")


@dataclass
class Annealing:
    """The weight alpha and what is added to it in every gradient step."""

    alpha: float
    increment: float

    def step(self) -> None:
        """Let alpha grow by one increment, and stay at 1 once it is there."""
        self.alpha = min(1.0, self.alpha + self.increment)


def start(schedule: str, linear_scaling: float, w1: float, w2: float) -> Annealing:
    """Return the schedule before the first step: "linear" and "logistic" are the document's, "none" has alpha = 1."""
    if schedule == "none":
        return Annealing(1.0, 0.0)
    logistic = 1 / (1 + math.exp(-w1 * (1 - w2)))  # nothing in it changes from step to step
    return Annealing(0.0, 1 / linear_scaling if schedule == "linear" else logistic)
