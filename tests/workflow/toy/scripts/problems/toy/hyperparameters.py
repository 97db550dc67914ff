"""The hyperparameters of the toy problem."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Hyperparameters:
    """Settings of gradient descent on a line."""

    learning_rate: float
    epochs: int
    decay: float
    pause: float  # seconds of sleep per epoch, so that a test can interfere
