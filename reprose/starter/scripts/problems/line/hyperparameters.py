"""The settings, typed and without values: those stand in config.yaml."""

from pydantic import Field

from reprose import Settings


class Hyperparameters(Settings):
    """Settings of gradient descent on a line."""

    target: str  # the column that is predicted from all others
    learning_rate: float = Field(gt=0)
    epochs: int = Field(ge=1)
    decay: float = Field(ge=0)
