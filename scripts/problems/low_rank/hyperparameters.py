"""The hyperparameters of one run; their values and the reasons for them stand in config.yaml."""

from typing import Literal, get_args

from pydantic import Field

from reprose import Settings

Method = Literal["svd", "alternating", "random"]  # "alternating": least squares
METHODS = get_args(Method)


class Hyperparameters(Settings):
    """What decides a run besides its matrix, which the seed names."""

    method: Method  # how the subspace is found
    sweeps: int = Field(ge=1)  # of alternating least squares
