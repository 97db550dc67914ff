"""The hyperparameters of the toy problem."""

from pydantic import Field

from reprose import Settings


class Hyperparameters(Settings):
    """Settings of gradient descent on a line."""

    learning_rate: float = Field(gt=0)
    epochs: int = Field(ge=1)
    decay: float = Field(ge=0)
    pause: float  # seconds of sleep per epoch, so that a test can interfere
