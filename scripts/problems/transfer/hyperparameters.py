"""The hyperparameters of one run; their values and the reasons for them stand in config.yaml."""

from typing import Literal

from pydantic import Field

from reprose import Settings


class Hyperparameters(Settings):
    """What decides a run besides its data and its seed."""

    layers: Literal["last", "all"]  # what trains: the new layer, on features, by Adam; or all, by SGD with momentum
    learning_rate: float = Field(gt=0)  # at the first step; it falls linearly to 0 after the last
    momentum: float = Field(ge=0, lt=1)  # of SGD; of no effect where only the last layer trains
    batch_size: int = Field(ge=1)  # images per step
    epochs: int = Field(ge=1, le=999)  # passes over the images; random streams are numbered 1000 x seed + epoch
    keep_weights: bool  # whether weights are stored; a search is only asked for its metrics
