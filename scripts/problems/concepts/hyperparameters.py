"""The hyperparameters of one run; their values and the reasons for them stand in config.yaml."""

from typing import Literal, Self

from pydantic import Field, model_validator

from reprose import Settings


class Hyperparameters(Settings):
    """What decides a run besides its data and its seed; principal components need the code size alone."""

    model: Literal["network", "pca"]
    layers: int = Field(ge=0)  # hidden layers; of an autoencoder, of its encoder and of its decoder
    width: int = Field(ge=1)  # units of a hidden layer
    activation: Literal["relu", "sigmoid", "tanh", "identity"]  # of the hidden layers
    code: int = Field(ge=0)  # 0: predict the label; else reproduce the point through a code of so many numbers
    start: Literal["random", "zero"]  # initial weights: "random" is uniform, within 1/sqrt of a layer's inputs
    optimizer: Literal["descent", "adam"]  # plain gradient descent or Adam, both on the whole training set
    learning_rate: float = Field(gt=0)
    steps: int = Field(ge=1)  # steps of the optimizer

    @model_validator(mode="after")
    def _components_have_a_code(self) -> Self:
        if self.model == "pca" and not self.code:
            raise ValueError(f"code is {self.code}, expected at least 1 for pca")
        return self
