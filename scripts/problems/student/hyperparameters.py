"""The hyperparameters of one run; their values and the reasons for them stand in config.yaml."""

from dataclasses import dataclass

from reprose.errors import ReproseError

MODELS = ("autoencoder", "rasch", "traits")


@dataclass(frozen=True)
class Hyperparameters:
    """What decides a run besides its data and its seed; a model ignores what is another's."""

    model: str  # "autoencoder", "rasch" or "traits"
    hidden: int  # autoencoder: units of the hidden layer, the document's k
    learning_rate: float  # autoencoder: of plain stochastic gradient descent, one student a step
    epochs: int  # autoencoder: passes over the students; the weights after the last one are kept
    penalty: float  # autoencoder: lambda on half the squared weights in each step; rasch: precision of the prior
    keep_weights: bool  # autoencoder: whether weights are stored; a search is only asked for its metrics
    traits: int  # traits: dimensions of skill besides general ability
    sweeps: int  # traits: Gibbs sweeps that are kept
    burn_in: int  # traits: sweeps before them, which are not
    thinning: int  # traits: of the kept sweeps, every so many are stored

    def __post_init__(self) -> None:
        """Refuse values with which no training is possible."""
        _require("model", self.model, self.model in MODELS, f"one of {', '.join(MODELS)}")
        for name in ("hidden", "epochs", "sweeps", "thinning"):
            _require(name, getattr(self, name), getattr(self, name) >= 1, "at least 1")
        for name in ("penalty", "traits", "burn_in"):
            _require(name, getattr(self, name), getattr(self, name) >= 0, "at least 0")
        _require("learning_rate", self.learning_rate, self.learning_rate > 0, "more than 0")
        _require("thinning", self.thinning, self.sweeps % self.thinning == 0, "a divisor of sweeps")
        decay = self.learning_rate * self.penalty
        _require("learning_rate x penalty", decay, decay < 1, "less than 1, or a step turns the weights' sign")


def _require(name: str, found: float | str, holds: bool, allowed: str) -> None:
    if not holds:
        raise ReproseError(f"config.yaml: problems.student: {name} is {found}, expected {allowed}.")
