"""The hyperparameters of one run; their values and the reasons for them stand in config.yaml."""

from typing import Literal, Self

from pydantic import Field, model_validator

from reprose import Settings


class Hyperparameters(Settings):
    """What decides a run besides its data and its seed; an algorithm ignores what it does not need."""

    algorithm: Literal["means", "svd", "als", "sgd", "biased", "bayes"]  # biased: with offsets; bayes: Gibbs
    rank: int = Field(ge=1)  # numbers in the vector of a film or user
    fill: Literal["zero", "middle", "mean"]  # means: of a film that nobody rated; of the scale, of all ratings
    regularization: float = Field(gt=0)  # lambda of the loss; biased multiplies it by the number of ratings of the row
    scale: float = Field(gt=0)  # sigma: the first vectors are uniform draws from 0 to this
    sweeps: int = Field(ge=1)  # als, biased: over both sides; sgd: epochs; bayes: samples
    burn_in: int = Field(ge=0)  # bayes: sweeps before the first that counts
    learning_rate: float = Field(gt=0)  # sgd: of the sum over a batch
    decay: float = Field(gt=0)  # sgd: the learning rate is multiplied by it after each epoch
    batch_size: int = Field(ge=1)  # sgd: ratings in a step

    @model_validator(mode="after")
    def _a_sample_counts(self) -> Self:
        if self.burn_in >= self.sweeps:
            raise ValueError(f"burn_in is {self.burn_in}, expected less than sweeps ({self.sweeps})")
        return self
