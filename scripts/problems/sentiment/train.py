"""Training: Adam on batches of reviews; the epoch with the lowest validation loss is kept."""

from collections.abc import Mapping, Sequence
from functools import partial

import torch

from reprose import Arrays, Run, Trainings
from scripts.problems.sentiment.facts import facts
from scripts.problems.sentiment.fitting import Fit
from scripts.problems.sentiment.reviews import to_reviews


def train(runs: Sequence[Run], data: Mapping[str, Arrays], used: Mapping[str, Arrays], device: str) -> Trainings:
    """Yield every run with what begins its training."""
    training, validation = (to_reviews(data[part]) for part in ("train", "validation"))
    vectors, shared = torch.from_numpy(data["train"]["vectors"]), facts(data["train"], data["validation"])
    for run in runs:
        yield run, partial(Fit, run, vectors, training, validation, shared)
