"""The hyperparameters of one run; their values and the reasons for them stand in config.yaml."""

from dataclasses import dataclass

from problems.topics.annealing import SCHEDULES
from reprose.errors import ReproseError

MODELS = ("autoencoder", "lda", "nmf", "kmeans")


@dataclass(frozen=True)
class Hyperparameters:
    """What decides a run besides its data and its seed; a model ignores what is another's."""

    model: str  # "autoencoder", or of scikit-learn: "lda", "nmf", "kmeans"
    topics: int  # T, or the number of clusters
    unseen: float  # what a pair of words that no article holds counts in the NPMI: -1 or 0
    hidden: int  # autoencoder: units of both ReLU layers
    scale: float  # autoencoder: B starts uniform between -scale and scale
    dropout: float  # autoencoder: share of the entries of theta that are set to 0 in training; the document has 0
    learning_rate: float  # autoencoder: of Adam, for the encoder
    decoder_rate: float  # autoencoder: of Adam, for B
    momentum: float  # autoencoder: beta_1 of Adam
    batch_size: int  # autoencoder: articles per gradient step
    schedule: str  # autoencoder: how alpha grows: "linear", "logistic", or "none" (alpha is 1 from the start)
    linear_scaling: float  # autoencoder: gradient steps until alpha is 1, in the linear schedule
    w1: float  # autoencoder: of the logistic schedule
    w2: float  # autoencoder: of the logistic schedule
    epochs: int  # autoencoder: passes over the articles, at most; the others: passes or iterations, at most
    patience: int  # autoencoder: stop after so many epochs without a higher NPMI on validation; 0: never

    def __post_init__(self) -> None:
        """Refuse values with which no training is possible."""
        _require("model", self.model, self.model in MODELS, f"one of {', '.join(MODELS)}")
        _require("schedule", self.schedule, self.schedule in SCHEDULES, f"one of {', '.join(SCHEDULES)}")
        _require("unseen", self.unseen, self.unseen in (-1.0, 0.0), "-1 or 0")
        _require("topics", self.topics, self.topics >= 2, "at least 2")
        for name in ("hidden", "batch_size", "epochs"):
            _require(name, getattr(self, name), getattr(self, name) >= 1, "at least 1")
        for name in ("scale", "learning_rate", "decoder_rate", "linear_scaling"):
            _require(name, getattr(self, name), getattr(self, name) > 0, "more than 0")
        for name in ("momentum", "dropout"):
            _require(name, getattr(self, name), 0 <= getattr(self, name) < 1, "from 0 to less than 1")
        _require("patience", self.patience, self.patience >= 0, "at least 0")


def _require(name: str, found: float | str, holds: bool, allowed: str) -> None:
    if not holds:
        raise ReproseError(f"config.yaml: problems.topics: {name} is {found}, expected {allowed}.")
