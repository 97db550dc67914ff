"""The hyperparameters of one run; their values and the reasons for them stand in config.yaml."""

from dataclasses import dataclass

from reprose.errors import ReproseError

LAYERS = ("last", "all")
MOST_EPOCHS = 999  # a run's random streams are numbered 1000 x seed + epoch


@dataclass(frozen=True)
class Hyperparameters:
    """What decides a run besides its data and its seed."""

    layers: str  # which weights train: "last" (the new layer, on features, by Adam) or "all" (by SGD with momentum)
    learning_rate: float  # at the first step; it falls linearly to 0 after the last
    momentum: float  # of SGD; of no effect where only the last layer trains
    batch_size: int  # images per step
    epochs: int  # passes over the training images; the best one by validation accuracy is kept
    keep_weights: bool  # whether weights are stored; a search is only asked for its metrics

    def __post_init__(self) -> None:
        """Refuse values with which no training is possible."""
        _require("layers", self.layers, self.layers in LAYERS, f"one of {', '.join(LAYERS)}")
        _require("learning_rate", self.learning_rate, self.learning_rate > 0, "more than 0")
        _require("momentum", self.momentum, 0 <= self.momentum < 1, "0 or more and less than 1")
        _require("batch_size", self.batch_size, self.batch_size >= 1, "at least 1")
        _require("epochs", self.epochs, 1 <= self.epochs <= MOST_EPOCHS, f"1 to {MOST_EPOCHS}")


def _require(name: str, found: float | str, holds: bool, allowed: str) -> None:
    if not holds:
        raise ReproseError(f"config.yaml: problems.transfer: {name} is {found}, expected {allowed}.")
