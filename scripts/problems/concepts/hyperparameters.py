"""The hyperparameters of one run; their values and the reasons for them stand in config.yaml."""

from dataclasses import dataclass

from reprose.errors import ReproseError

ALLOWED = {
    "model": ("network", "pca"),
    "activation": ("relu", "sigmoid", "tanh", "identity"),
    "start": ("random", "zero"),
    "optimizer": ("descent", "adam"),
}


@dataclass(frozen=True)
class Hyperparameters:
    """What decides a run besides its data and its seed; principal components need the code size alone."""

    model: str  # "network" or "pca"
    layers: int  # hidden layers; of an autoencoder, of its encoder and of its decoder
    width: int  # units of a hidden layer
    activation: str  # of the hidden layers: "relu", "sigmoid", "tanh" or "identity"
    code: int  # 0: predict the label; else reproduce the point through a code of so many numbers
    start: str  # initial weights: "random" (uniform, within 1/sqrt of a layer's inputs) or "zero"
    optimizer: str  # "descent" (plain gradient descent) or "adam", both on the whole training set
    learning_rate: float
    steps: int  # steps of the optimizer

    def __post_init__(self) -> None:
        """Refuse values with which no training is possible."""
        for name, allowed in ALLOWED.items():
            _require(name, getattr(self, name), getattr(self, name) in allowed, f"one of {', '.join(allowed)}")
        for name in ("width", "steps"):
            _require(name, getattr(self, name), getattr(self, name) >= 1, "at least 1")
        _require("layers", self.layers, self.layers >= 0, "at least 0")
        _require("code", self.code, self.code >= (self.model == "pca"), "at least 0, of pca 1")
        _require("learning_rate", self.learning_rate, self.learning_rate > 0, "more than 0")


def _require(name: str, found: float | str, holds: bool, allowed: str) -> None:
    if not holds:
        raise ReproseError(f"config.yaml: problems.concepts: {name} is {found}, expected {allowed}.")
