"""The hyperparameters of a line."""

from pydantic import Field

from reprose import Settings


class Hyperparameters(Settings):
    """Settings of gradient descent."""

    rate: float = Field(gt=0)
    decay: float = Field(ge=0)
