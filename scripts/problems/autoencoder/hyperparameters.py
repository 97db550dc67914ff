"""The hyperparameters of one run; their values and the reasons for them stand in config.yaml."""

from dataclasses import dataclass

from reprose.errors import ReproseError

MODELS = ("linear", "relu", "pca")


@dataclass(frozen=True)
class Hyperparameters:
    """What decides a run besides its data and its seed; PCA looks at `hidden` alone."""

    model: str  # "linear" (the document's F1), "relu" (F2) or "pca"
    hidden: int  # h: units of the hidden layer, or principal components
    learning_rate: float  # of Adam, at its highest
    epochs: int  # passes over the training images; the weights after the last one are kept
    warmup: int  # the first of these epochs, in which the learning rate rises from 0
    batch_size: int  # images
    bias: float  # relu: every initial bias of the decoder; 0 keeps PyTorch's draws

    def __post_init__(self) -> None:
        """Refuse values with which no training is possible."""
        _require("model", self.model, self.model in MODELS, f"one of {', '.join(MODELS)}")
        for name in ("hidden", "epochs", "batch_size"):
            _require(name, getattr(self, name), getattr(self, name) >= 1, "at least 1")
        _require("learning_rate", self.learning_rate, self.learning_rate > 0, "more than 0")
        _require("bias", self.bias, self.bias >= 0, "at least 0")
        _require("warmup", self.warmup, 0 <= self.warmup < self.epochs, f"0 to {self.epochs - 1}, less than epochs")


def _require(name: str, found: float | str, holds: bool, allowed: str) -> None:
    if not holds:
        raise ReproseError(f"config.yaml: problems.autoencoder: {name} is {found}, expected {allowed}.")
