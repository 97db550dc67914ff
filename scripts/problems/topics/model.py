"""The topic model of document 002: encoder, decoder and loss."""

import math

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from scripts.problems.topics.corpus import Batch


class Encoder(nn.Module):
    """q(z | x): two ReLU layers, then mu and log sigma of every topic."""

    def __init__(self, vocabulary: int, hidden: int, topics: int) -> None:
        super().__init__()
        bound = 1 / math.sqrt(vocabulary)  # as in nn.Linear
        weight = torch.empty(vocabulary, hidden).uniform_(-bound, bound)
        self.first_weight = nn.Parameter(weight)  # W_x, transposed
        self.first_bias = nn.Parameter(torch.zeros(hidden))
        self.second = nn.Linear(hidden, hidden)
        self.mean = nn.Linear(hidden, topics)
        self.log_deviation = nn.Linear(hidden, topics)

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return mu and log sigma, (articles, topics) each."""
        # W_x x, the sum of the rows of the words that occur
        product = F.embedding_bag(
            batch.words,
            self.first_weight,
            batch.starts,
            mode="sum",
            per_sample_weights=batch.counts,
        )  # (articles, hidden)
        first = F.relu(product + self.first_bias)
        second = F.relu(self.second(first))
        return self.mean(second), self.log_deviation(second)


class Decoder(nn.Module):
    """p(x | theta): the probability eta of every word, without an offset."""

    def __init__(self, vocabulary: int, topics: int, scale: float) -> None:
        super().__init__()
        scores = torch.empty(vocabulary, topics).uniform_(-scale, scale)
        self.word_scores = nn.Parameter(scores)  # B

    def forward(self, theta: Tensor) -> Tensor:
        """Return log eta, (articles, words), from (articles, topics)."""
        return F.log_softmax(theta @ self.word_scores.T, dim=1)


class TopicModel(nn.Module):
    """Encoder and decoder."""

    def __init__(self, encoder: Encoder, decoder: Decoder, dropout: float) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.dropout = dropout

    def forward(self, batch: Batch, generator: Generator) -> tuple[Tensor, Tensor]:
        """Return both terms of the loss, means over the articles."""
        mean, log_deviation = self.encoder(batch)
        noise = torch.randn(mean.shape, generator=generator)
        z = mean + log_deviation.exp() * noise
        theta = F.softmax(z, dim=1)  # (articles, topics)
        if self.training and self.dropout:
            theta = drop(theta, self.dropout, generator)
        divergence = kl_divergence(mean, log_deviation).mean()
        return reconstruction_loss(self.decoder(theta), batch), divergence


def drop(theta: Tensor, share: float, generator: Generator) -> Tensor:
    """Return theta with a share of its entries 0 at random, the others enlarged."""
    kept = torch.rand(theta.shape, generator=generator) >= share
    return theta * kept / (1 - share)


def reconstruction_loss(log_eta: Tensor, batch: Batch) -> Tensor:
    """Return -sum_j x_ij log eta_ij, the mean over the articles i."""
    occurring = log_eta[batch.articles, batch.words]  # x_ij > 0
    return -(batch.counts * occurring).sum() / len(batch)


def kl_divergence(mean: Tensor, log_deviation: Tensor) -> Tensor:
    """Return KL[N(mu, diag(sigma^2)) || N(0, I)], (articles,)."""
    variance = (2 * log_deviation).exp()
    terms = mean.square() + variance - 1 - 2 * log_deviation
    return 0.5 * terms.sum(dim=1)


def annealed_loss(reconstruction: Tensor, kl: Tensor, alpha: float) -> Tensor:
    """Return the loss of question (d); alpha = 1 makes it that of (c)."""
    return reconstruction + alpha * kl
