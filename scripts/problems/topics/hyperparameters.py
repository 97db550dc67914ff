"""The hyperparameters of one run; their values and the reasons for them stand in config.yaml."""

from typing import Literal, Self

from pydantic import Field, model_validator

from reprose import Settings


class Hyperparameters(Settings):
    """What decides a run besides its data and its seed; a model ignores what is another's."""

    model: Literal["autoencoder", "lda", "nmf", "kmeans"]  # all but the first are of scikit-learn
    topics: int = Field(ge=2)  # T, or the number of clusters
    unseen: float  # what a pair of words that no article holds counts in the NPMI: -1 or 0
    hidden: int = Field(ge=1)  # autoencoder: units of both ReLU layers
    scale: float = Field(gt=0)  # autoencoder: B starts uniform between -scale and scale
    dropout: float = Field(ge=0, lt=1)  # autoencoder: share of theta's entries set to 0 in training; the document has 0
    learning_rate: float = Field(gt=0)  # autoencoder: of Adam, for the encoder
    decoder_rate: float = Field(gt=0)  # autoencoder: of Adam, for B
    momentum: float = Field(ge=0, lt=1)  # autoencoder: beta_1 of Adam
    batch_size: int = Field(ge=1)  # autoencoder: articles per gradient step
    # autoencoder: how alpha grows; "logistic": as the document prints it; "none": it is 1 from the start
    schedule: Literal["linear", "logistic", "logistic_steps", "logistic_epochs", "none"]
    linear_scaling: float = Field(gt=0)  # autoencoder: gradient steps until alpha is 1, in the linear schedule
    w1: float  # autoencoder: of the logistic schedule
    w2: float  # autoencoder: of the logistic schedule
    epochs: int = Field(ge=1)  # at most; autoencoder: passes over the articles; others: passes or iterations
    patience: int = Field(ge=0)  # autoencoder: stop after so many epochs without a higher NPMI on validation; 0: never

    @model_validator(mode="after")
    def _unseen_pairs_count(self) -> Self:
        if self.unseen not in (-1.0, 0.0):
            raise ValueError(f"unseen is {self.unseen}, expected -1 or 0")
        return self
