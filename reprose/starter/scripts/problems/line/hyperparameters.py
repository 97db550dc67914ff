"""The settings, typed and without values: those stand in config.yaml."""

from reprose import Settings


class Hyperparameters(Settings):
    """Settings of gradient descent on a line."""

    target: str  # the column that is predicted from all others
    learning_rate: float
    epochs: int
    decay: float
