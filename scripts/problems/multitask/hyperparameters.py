"""The hyperparameters of one run; their values and the reasons for them stand in config.yaml."""

from dataclasses import dataclass

from reprose.errors import ReproseError


@dataclass(frozen=True)
class Hyperparameters:
    """What decides a run besides its data and its seed."""

    shared: bool  # whether both tasks use the same embeddings of users and films
    factorization_weight: float  # of the ranking loss in the joint loss
    regression_weight: float  # of the mean squared error in the joint loss
    rank: int  # numbers in an embedding
    hidden: int  # units of the rating network
    learning_rate: float  # of Adam
    weight_decay: float  # of Adam, added to the gradient
    epochs: int  # at most, where patience is not 0
    batch_size: int  # ratings per step; 0: all of them, one step an epoch
    patience: int  # epochs without a lower joint loss on validation before the run stops; 0: train on, keep the last

    def __post_init__(self) -> None:
        """Refuse values with which no training is possible."""
        for name in ("rank", "hidden", "epochs"):
            _require(name, getattr(self, name), getattr(self, name) >= 1, "at least 1")
        _require("learning_rate", self.learning_rate, self.learning_rate > 0, "more than 0")
        for name in ("factorization_weight", "regression_weight", "weight_decay", "batch_size", "patience"):
            _require(name, getattr(self, name), getattr(self, name) >= 0, "at least 0")


def _require(name: str, found: float, holds: bool, allowed: str) -> None:
    if not holds:
        raise ReproseError(f"config.yaml: problems.multitask: {name} is {found}, expected {allowed}.")
