"""The hyperparameters of one run; their values and the reasons for them stand in config.yaml."""

from pydantic import Field

from reprose import Settings


class Hyperparameters(Settings):
    """What decides a run besides its data and its seed."""

    shared: bool  # whether both tasks use the same embeddings of users and films
    factorization_weight: float = Field(ge=0)  # of the ranking loss in the joint loss
    regression_weight: float = Field(ge=0)  # of the mean squared error in the joint loss
    rank: int = Field(ge=1)  # numbers in an embedding
    hidden: int = Field(ge=1)  # units of the rating network
    learning_rate: float = Field(gt=0)  # of Adam
    weight_decay: float = Field(ge=0)  # of Adam, added to the gradient
    epochs: int = Field(ge=1)  # at most, where patience is not 0
    batch_size: int = Field(ge=0)  # ratings per step; 0: all of them, one step an epoch
    patience: int = Field(ge=0)  # epochs without a lower joint loss on validation before a run stops; 0: keep the last
