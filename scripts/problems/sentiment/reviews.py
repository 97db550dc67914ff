"""Reviews as tensors, and the batches that training takes."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from reprose import Arrays

PAD = 0  # the id of the padding token


@dataclass(frozen=True)
class Reviews:
    """The reviews of one part."""

    tokens: tuple[Tensor, ...]  # one (length,) int64 for each review
    labels: Tensor  # (reviews,) float32, 1 for positive
    lengths: Tensor  # (reviews,) int64

    def __len__(self) -> int:
        return len(self.tokens)


def to_reviews(arrays: Arrays) -> Reviews:
    """Return the arrays of one part of a view as tensors."""
    lengths = torch.from_numpy(arrays["lengths"])
    tokens = torch.from_numpy(arrays["tokens"]).long().split(lengths.tolist())
    return Reviews(tokens, torch.from_numpy(arrays["labels"]).float(), lengths)


def collate(sequences: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Return the padded matrix (batch, longest) and the true lengths."""
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    batch = torch.full((len(sequences), int(lengths.max())), PAD)
    for row, sequence in zip(batch, sequences, strict=True):
        row[: len(sequence)] = sequence
    return batch, lengths


def shuffled_batches(lengths: Tensor, size: int, bucketed: bool, generator: torch.Generator) -> list[Tensor]:
    """Return the rows of an epoch in batches of `size`, each row once, in an order that `generator` draws.

    Bucketed, a batch holds reviews of one length, or of neighbouring ones where a length runs out.
    """
    order = torch.randperm(len(lengths), generator=generator)
    if bucketed:
        order = order[torch.argsort(lengths[order], stable=True)]
    batches = order.split(size)
    return [batches[place] for place in torch.randperm(len(batches), generator=generator).tolist()]


def ordered_batches(lengths: Tensor, size: int, bucketed: bool) -> tuple[Tensor, ...]:
    """Return all rows in batches, by length or as they come: for evaluation, which wants no randomness."""
    order = torch.argsort(lengths, stable=True) if bucketed else torch.arange(len(lengths))
    return order.split(size)
