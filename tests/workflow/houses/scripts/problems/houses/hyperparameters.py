"""The settings of the fit."""

from pydantic import Field

from reprose import Settings


class Hyperparameters(Settings):
    """Settings of ridge regression."""

    penalty: float = Field(gt=0)
