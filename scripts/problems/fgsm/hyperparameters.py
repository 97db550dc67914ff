"""The hyperparameters of one run; their values and the reasons for them stand in config.yaml."""

from dataclasses import dataclass

from reprose.errors import ReproseError


@dataclass(frozen=True)
class Hyperparameters:
    """What decides an attack besides its data and the network; the seed of a run names the network."""

    epsilon: float  # grey levels by which every value of a pixel changes, of 255
    images: int  # training images that are attacked one by one, each of a class of its own
    strongest: float  # the largest epsilon on the test part, where it is halved again and again
    halvings: int  # how often
    filters: int  # this and all below: the network's, see problems/cifar/hyperparameters.py
    kernel: int
    filters_2: int
    kernel_2: int
    features_1: int
    features_2: int

    def __post_init__(self) -> None:
        """Refuse values that make no attack."""
        for name in ("epsilon", "strongest"):
            _require(name, getattr(self, name), 0 < getattr(self, name) <= 255, "more than 0, at most 255")
        _require("images", self.images, 1 <= self.images <= 10, "1 to 10")
        _require("halvings", self.halvings, self.halvings >= 0, "at least 0")


def _require(name: str, found: float, holds: bool, allowed: str) -> None:
    if not holds:
        raise ReproseError(f"config.yaml: problems.fgsm: {name} is {found}, expected {allowed}.")
