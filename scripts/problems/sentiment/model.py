"""The classifier, its loss and its accuracy."""

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from scripts.problems.sentiment.hyperparameters import Hyperparameters
from scripts.problems.sentiment.reviews import PAD


class RecurrentClassifier(nn.Module):
    """Word vectors, a recurrent layer, a linear layer on its last state."""

    def __init__(self, vectors: Tensor, network: str, hidden: int) -> None:
        super().__init__()
        layer = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[network]
        self.embedding = nn.Embedding.from_pretrained(
            vectors,
            freeze=False,
            padding_idx=PAD,
        )
        self.recurrent = layer(vectors.shape[1], hidden, batch_first=True)
        self.linear = nn.Linear(hidden, 1)

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Return log odds, (batch,), of tokens (batch, longest)."""
        # states: (batch, longest, hidden); last: (batch, hidden)
        states, _ = self.recurrent(self.embedding(tokens))
        last = states[torch.arange(len(tokens)), lengths - 1]
        return self.linear(last).squeeze(1)


class AverageClassifier(nn.Module):
    """Word vectors and a linear layer on their mean: the same whatever the order of the words."""

    def __init__(self, vectors: Tensor) -> None:
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(vectors, freeze=False, padding_idx=PAD)
        self.linear = nn.Linear(vectors.shape[1], 1)

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Return the log odds of a positive review, (batch,); the vector of padding is zero."""
        total = self.embedding(tokens).sum(dim=1)  # (batch, numbers)
        return self.linear(total / lengths.unsqueeze(1)).squeeze(1)


def build(vectors: Tensor, wanted: Hyperparameters) -> nn.Module:
    """Return the classifier that `wanted` asks for, with a copy of `vectors` to train."""
    if wanted.network == "average":
        return AverageClassifier(vectors.clone())
    return RecurrentClassifier(vectors.clone(), wanted.network, wanted.hidden)


def loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the mean binary cross-entropy of log odds, in nats."""
    return binary_cross_entropy_with_logits(logits, labels)


def accuracy(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the share of reviews on the right side of even odds."""
    return ((logits > 0) == (labels == 1)).double().mean()
