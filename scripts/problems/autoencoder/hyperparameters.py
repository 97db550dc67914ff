"""The hyperparameters of one run; their values and the reasons for them stand in config.yaml."""

from typing import Literal, Self

from pydantic import Field, model_validator

from reprose import Settings


class Hyperparameters(Settings):
    """What decides a run besides its data and its seed; PCA looks at `hidden` alone."""

    model: Literal["linear", "relu", "pca"]  # the document's F1, its F2, and PCA
    hidden: int = Field(ge=1)  # h: units of the hidden layer, or principal components
    learning_rate: float = Field(gt=0)  # of Adam, at its highest
    epochs: int = Field(ge=1)  # passes over the training images; the weights after the last one are kept
    warmup: int = Field(ge=0)  # the first of these epochs, in which the learning rate rises from 0
    batch_size: int = Field(ge=1)  # images
    bias: float = Field(ge=0)  # relu: every initial bias of the decoder; 0 keeps PyTorch's draws

    @model_validator(mode="after")
    def _warmup_fits(self) -> Self:
        if self.warmup >= self.epochs:
            raise ValueError(f"warmup is {self.warmup}, expected 0 to {self.epochs - 1}, less than epochs")
        return self
