"""The hyperparameters of one run; their values and the reasons for them stand in config.yaml."""

from dataclasses import dataclass

from reprose.errors import ReproseError

ALGORITHMS = ("means", "svd", "als", "sgd", "biased", "bayes")
FILLS = ("zero", "middle", "mean")


@dataclass(frozen=True)
class Hyperparameters:
    """What decides a run besides its data and its seed; an algorithm ignores what it does not need."""

    algorithm: str  # means, svd, als, sgd; biased: als with offsets; bayes: Gibbs sampling with offsets
    rank: int  # numbers in the vector of a film or user
    fill: str  # what means predicts of a film that nobody rated: zero, middle of the scale, mean of all ratings
    regularization: float  # lambda of the document's loss; biased multiplies it by the number of ratings of the row
    scale: float  # sigma: the first vectors are uniform draws from 0 to this
    sweeps: int  # als, biased: over both sides; sgd: epochs; bayes: samples
    burn_in: int  # bayes: sweeps before the first that counts
    learning_rate: float  # sgd: of the sum over a batch
    decay: float  # sgd: the learning rate is multiplied by it after each epoch
    batch_size: int  # sgd: ratings in a step

    def __post_init__(self) -> None:
        """Refuse values with which no training is possible."""
        _require("algorithm", self.algorithm, self.algorithm in ALGORITHMS, f"one of {', '.join(ALGORITHMS)}")
        _require("fill", self.fill, self.fill in FILLS, f"one of {', '.join(FILLS)}")
        for name in ("rank", "sweeps", "batch_size"):
            _require(name, getattr(self, name), getattr(self, name) >= 1, "at least 1")
        for name in ("regularization", "scale", "learning_rate", "decay"):
            _require(name, getattr(self, name), getattr(self, name) > 0, "more than 0")
        _require(
            "burn_in", self.burn_in, 0 <= self.burn_in < self.sweeps, f"at least 0, less than sweeps {self.sweeps}"
        )


def _require(name: str, found: object, holds: bool, allowed: str) -> None:
    if not holds:
        raise ReproseError(f"config.yaml: problems.recommender: {name} is {found}, expected {allowed}.")
