"""Predictions for whole parts of the data."""

import torch
from torch import Tensor, nn

from scripts.problems.sentiment import model as classifier
from scripts.problems.sentiment.hyperparameters import Hyperparameters
from scripts.problems.sentiment.reviews import Reviews, collate, ordered_batches

ROWS = 256  # in a batch of evaluation where padding is not read, so that the size is of no effect


def forward(model: nn.Module, tokens: Tensor, lengths: Tensor, readout: str) -> Tensor:
    """Return log odds, (batch,); the padded readout takes every row for as long as the longest one."""
    if readout == "padded":
        lengths = torch.full_like(lengths, tokens.shape[1])
    return model(tokens, lengths)


@torch.no_grad()
def predict(model: nn.Module, reviews: Reviews, wanted: Hyperparameters) -> Tensor:
    """Return the log odds of every review, (reviews,)."""
    logits = torch.empty(len(reviews))
    size = wanted.batch_size if wanted.readout == "padded" else ROWS
    for rows in ordered_batches(reviews.lengths, size, wanted.readout == "last"):
        tokens, lengths = collate([reviews.tokens[row] for row in rows.tolist()])
        logits[rows] = forward(model, tokens, lengths, wanted.readout)
    return logits


def measure(logits: Tensor, labels: Tensor) -> dict[str, float]:
    """Return `loss` and `accuracy`."""
    return {
        "loss": classifier.loss(logits.double(), labels.double()).item(),
        "accuracy": classifier.accuracy(logits, labels).item(),
    }
