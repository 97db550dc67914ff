"""The hyperparameters of one run; their values and the reasons for them stand in config.yaml."""

from typing import Literal, Self

from pydantic import Field, model_validator

from reprose import Settings


class Hyperparameters(Settings):
    """What decides a run besides its data and its seed; a model ignores what is another's."""

    model: Literal["autoencoder", "rasch", "traits"]
    hidden: int = Field(ge=1)  # autoencoder: units of the hidden layer, the document's k
    learning_rate: float = Field(gt=0)  # autoencoder: of plain stochastic gradient descent, one student a step
    epochs: int = Field(ge=1)  # autoencoder: passes over the students; the weights after the last one are kept
    penalty: float = Field(ge=0)  # autoencoder: lambda on half the squared weights; rasch: precision of the prior
    keep_weights: bool  # autoencoder: whether weights are stored; a search is only asked for its metrics
    traits: int = Field(ge=0)  # traits: dimensions of skill besides general ability
    sweeps: int = Field(ge=1)  # traits: Gibbs sweeps that are kept
    burn_in: int = Field(ge=0)  # traits: sweeps before them, which are not
    thinning: int = Field(ge=1)  # traits: of the kept sweeps, every so many are stored

    @model_validator(mode="after")
    def _values_fit_together(self) -> Self:
        if self.sweeps % self.thinning:
            raise ValueError(f"thinning is {self.thinning}, expected a divisor of sweeps ({self.sweeps})")
        if (decay := self.learning_rate * self.penalty) >= 1:
            raise ValueError(
                f"learning_rate x penalty is {decay}, expected less than 1, or a step turns the weights' sign"
            )
        return self
