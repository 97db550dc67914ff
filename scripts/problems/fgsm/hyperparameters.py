"""The hyperparameters of one run; their values and the reasons for them stand in config.yaml."""

from pydantic import Field

from reprose import Settings


class Hyperparameters(Settings):
    """What decides an attack besides its data and the network; the seed of a run names the network."""

    epsilon: float = Field(gt=0, le=255)  # grey levels by which every value of a pixel changes, of 255
    images: int = Field(ge=1, le=10)  # training images that are attacked one by one, each of a class of its own
    strongest: float = Field(gt=0, le=255)  # the largest epsilon on the test part, where it is halved again and again
    halvings: int = Field(ge=0)  # how often
    filters: int  # this and all below: the network's, see problems/cifar/hyperparameters.py
    kernel: int
    filters_2: int
    kernel_2: int
    features_1: int
    features_2: int
