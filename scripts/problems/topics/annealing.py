"""The weight alpha of the KL divergence: it grows with every gradient step, from 0 to 1."""

import math
from dataclasses import dataclass


@dataclass
class Annealing:
    """The weight alpha, and what every gradient step adds to it."""

    alpha: float
    increment: float

    def step(self) -> None:
        """Let alpha grow by one increment, up to 1."""
        self.alpha = min(1.0, self.alpha + self.increment)


def start(schedule: str, scaling: float, w1: float, w2: float) -> Annealing:
    """Return the schedule before the first gradient step."""
    match schedule:
        case "linear":
            return Annealing(0.0, 1 / scaling)
        case "logistic":  # nothing in it changes from step to step
            return Annealing(0.0, 1 / (1 + math.exp(-w1 * (1 - w2))))
    return Annealing(1.0, 0.0)
