"""The hyperparameters of one run; their values and the reasons for them stand in config.yaml."""

from typing import Literal, Self

from pydantic import Field, model_validator

from reprose import Settings


class Hyperparameters(Settings):
    """What decides a run besides its data and its seed; a network ignores what is another's."""

    network: Literal["logistic", "hidden", "convolution", "tutorial"]
    hidden: int = Field(ge=1)  # hidden: units of the layer, the document's M
    filters: int = Field(ge=1)  # convolution: the document's M; tutorial: filters of the first convolution
    kernel: int = Field(ge=1, le=32)  # convolution and tutorial: side of these filters in pixels, the document's k
    pool: int = Field(ge=1)  # convolution: side of the pooling window in pixels, the document's N
    filters_2: int = Field(ge=1)  # tutorial: filters of the second convolution
    kernel_2: int = Field(ge=1, le=32)  # tutorial: side of these filters
    features_1: int = Field(ge=1)  # tutorial: units of the first linear layer
    features_2: int = Field(ge=1)  # tutorial: units of the second linear layer
    epochs: int = Field(ge=1)  # passes over the training images; the weights after the last one are kept
    batch_size: int = Field(ge=1)  # images per step; a smaller rest at the end of an epoch is left out
    learning_rate: float = Field(gt=0)  # the highest: it is reached after a quarter of all steps, then it falls to 0
    momentum: float = Field(ge=0, lt=1)  # of Nesterov's kind
    weight_decay: float = Field(ge=0)  # factor of the weights that is added to their gradient
    flip: bool  # whether half of the training images, drawn anew in each epoch, are mirrored
    shift: int = Field(ge=0, lt=16)  # training images are shifted by up to so many pixels, each way

    @model_validator(mode="after")
    def _pool_fits(self) -> Self:
        if self.pool > 33 - self.kernel:
            raise ValueError(f"pool is {self.pool}, expected 1 to {33 - self.kernel}, 33 - kernel")
        return self
