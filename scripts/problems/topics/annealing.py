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


@dataclass
class Logistic:
    """The weight alpha = 1 / (1 + exp(-w1 (t - w2))), and how much t grows with every gradient step."""

    w1: float
    w2: float
    increment: float
    t: float = 0.0

    @property
    def alpha(self) -> float:
        """Return alpha at the present t."""
        return 1 / (1 + math.exp(-self.w1 * (self.t - self.w2)))

    def step(self) -> None:
        """Let t grow."""
        self.t += self.increment


def start(schedule: str, scaling: float, w1: float, w2: float, steps: int) -> Annealing | Logistic:
    """Return the schedule before the first of the gradient steps, of which an epoch has `steps`."""
    match schedule:
        case "linear":
            return Annealing(0.0, 1 / scaling)
        case "logistic":  # as printed: nothing in it changes from step to step
            return Annealing(0.0, 1 / (1 + math.exp(-w1 * (1 - w2))))
        case "logistic_steps":  # t counts steps
            return Logistic(w1, w2, 1.0)
        case "logistic_epochs":  # t counts epochs
            return Logistic(w1, w2, 1 / steps)
    return Annealing(1.0, 0.0)
