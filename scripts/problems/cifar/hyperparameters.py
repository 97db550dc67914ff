"""The hyperparameters of one run; their values and the reasons for them stand in config.yaml."""

from dataclasses import dataclass

from reprose.errors import ReproseError

NETWORKS = ("logistic", "hidden", "convolution", "tutorial")


@dataclass(frozen=True)
class Hyperparameters:
    """What decides a run besides its data and its seed; a network ignores what is another's."""

    network: str  # "logistic", "hidden", "convolution" or "tutorial"
    hidden: int  # hidden: units of the layer, the document's M
    filters: int  # convolution: the document's M; tutorial: filters of the first convolution
    kernel: int  # convolution and tutorial: side of these filters in pixels, the document's k
    pool: int  # convolution: side of the pooling window in pixels, the document's N
    filters_2: int  # tutorial: filters of the second convolution
    kernel_2: int  # tutorial: side of these filters
    features_1: int  # tutorial: units of the first linear layer
    features_2: int  # tutorial: units of the second linear layer
    epochs: int  # passes over the training images; the weights after the last one are kept
    batch_size: int  # images per step; a smaller rest at the end of an epoch is left out
    learning_rate: float  # the highest: the rate rises to it in the first quarter of all steps, then falls to 0
    momentum: float  # of Nesterov's kind
    weight_decay: float  # factor of the weights that is added to their gradient
    flip: bool  # whether half of the training images, drawn anew in each epoch, are mirrored
    shift: int  # training images are shifted by up to so many pixels, each way

    def __post_init__(self) -> None:
        """Refuse values with which no training is possible."""
        _require("network", self.network, self.network in NETWORKS, f"one of {', '.join(NETWORKS)}")
        for name in ("hidden", "filters", "filters_2", "features_1", "features_2", "epochs", "batch_size"):
            _require(name, getattr(self, name), getattr(self, name) >= 1, "at least 1")
        for name in ("kernel", "kernel_2"):
            _require(name, getattr(self, name), 1 <= getattr(self, name) <= 32, "1 to 32")
        _require("pool", self.pool, 1 <= self.pool <= 33 - self.kernel, f"1 to {33 - self.kernel}, 33 - kernel")
        _require("learning_rate", self.learning_rate, self.learning_rate > 0, "more than 0")
        _require("momentum", self.momentum, 0 <= self.momentum < 1, "0 up to, without, 1")
        _require("weight_decay", self.weight_decay, self.weight_decay >= 0, "at least 0")
        _require("shift", self.shift, 0 <= self.shift < 16, "0 to 15")


def _require(name: str, found: float | str, holds: bool, allowed: str) -> None:
    if not holds:
        raise ReproseError(f"config.yaml: problems.cifar: {name} is {found}, expected {allowed}.")
