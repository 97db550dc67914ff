"""The hyperparameters of one run; their values and the reasons for them stand in config.yaml."""

from typing import Literal

from pydantic import Field

from reprose import Settings


class Hyperparameters(Settings):
    """What decides a run besides its data and its seed."""

    network: Literal["rnn", "lstm", "gru", "average"]  # "average": the mean word vector, which knows no order
    hidden: int = Field(ge=1)  # units of the recurrent layer; the average has none
    readout: Literal["last", "padded"]  # the state at the last word, or at the end of the padded row
    bucketed: bool  # whether a batch holds reviews of like length; else they come in random order
    learning_rate: float = Field(gt=0)  # of Adam
    batch_size: int = Field(ge=1)  # reviews in a step
    epochs: int = Field(ge=1)  # at most; the epoch with the lowest validation loss is kept
    patience: int = Field(ge=1)  # epochs without a lower validation loss before training ends
