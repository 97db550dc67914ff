"""The hyperparameters of one run; their values and the reasons for them stand in config.yaml."""

from dataclasses import dataclass

from reprose.errors import ReproseError

NETWORKS = ("rnn", "lstm", "gru", "average")
READOUTS = ("last", "padded")


@dataclass(frozen=True)
class Hyperparameters:
    """What decides a run besides its data and its seed."""

    network: str  # "rnn", "lstm", "gru", or "average": the mean word vector, which knows no order
    hidden: int  # units of the recurrent layer; the average has none
    readout: str  # "last": the state at the last word; "padded": the state at the end of the padded row
    bucketed: bool  # whether a batch holds reviews of like length; else they come in random order
    learning_rate: float  # of Adam
    batch_size: int  # reviews in a step
    epochs: int  # at most; the epoch with the lowest validation loss is kept
    patience: int  # epochs without a lower validation loss before training ends

    def __post_init__(self) -> None:
        """Refuse values with which no training is possible."""
        _require("network", self.network, self.network in NETWORKS, f"one of {', '.join(NETWORKS)}")
        _require("readout", self.readout, self.readout in READOUTS, f"one of {', '.join(READOUTS)}")
        for name in ("hidden", "batch_size", "epochs", "patience"):
            _require(name, getattr(self, name), getattr(self, name) >= 1, "at least 1")
        _require("learning_rate", self.learning_rate, self.learning_rate > 0, "more than 0")


def _require(name: str, found: float | str, holds: bool, allowed: str) -> None:
    if not holds:
        raise ReproseError(f"config.yaml: problems.sentiment: {name} is {found}, expected {allowed}.")
