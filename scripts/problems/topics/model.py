"""The topic model of document 002: encoder, decoder and loss."""

import math

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from problems.topics.corpus import Batch


class Encoder(nn.Module):
    """q(z | x): two ReLU layers, then the mean and the log standard deviation of every topic."""

    def __init__(self, vocabulary: int, hidden: int, topics: int) -> None:
        super().__init__()
        bound = 1 / math.sqrt(vocabulary)  # as in nn.Linear
        self.first_weight = nn.Parameter(torch.empty(vocabulary, hidden).uniform_(-bound, bound))  # W_x, transposed
        self.first_bias = nn.Parameter(torch.empty(hidden).uniform_(-bound, bound))
        self.second = nn.Linear(hidden, hidden)
        self.mean = nn.Linear(hidden, topics)
        self.log_deviation = nn.Linear(hidden, topics)

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return mu and log sigma, (articles, topics) each."""
        # W_x x is a sum of the rows of the words that occur: nothing is multiplied by zero
        rows = F.embedding_bag(
            batch.words, self.first_weight, batch.starts, mode="sum", per_sample_weights=batch.counts
        )  # (articles, hidden)
        hidden = F.relu(self.second(F.relu(rows + self.first_bias)))
        return self.mean(hidden), self.log_deviation(hidden)


class Decoder(nn.Module):
    """p(x | z): a mixture theta of topics, then the probability eta of every word; there is no offset."""

    def __init__(self, vocabulary: int, topics: int, scale: float) -> None:
        super().__init__()
        self.word_scores = nn.Parameter(torch.empty(vocabulary, topics).uniform_(-scale, scale))  # B

    def forward(self, theta: Tensor) -> Tensor:
        """Return log eta, (articles, words), of the mixtures theta, (articles, topics)."""
        return F.log_softmax(theta @ self.word_scores.T, dim=1)


class TopicModel(nn.Module):
    """Encoder and decoder."""

    def __init__(self, vocabulary: int, hidden: int, topics: int, scale: float, dropout: float) -> None:
        super().__init__()
        self.encoder = Encoder(vocabulary, hidden, topics)
        self.decoder = Decoder(vocabulary, topics, scale)
        self.dropout = dropout

    def forward(self, batch: Batch, generator: Generator) -> tuple[Tensor, Tensor]:
        """Return the two terms of the loss, each as the mean over the articles: reconstruction and KL divergence."""
        mean, log_deviation = self.encoder(batch)
        noise = torch.randn(mean.shape, generator=generator)
        z = mean + log_deviation.exp() * noise
        theta = F.softmax(z, dim=1)  # (articles, topics)
        if self.training and self.dropout:
            theta = drop(theta, self.dropout, generator)
        divergence = kl_divergence(mean, log_deviation).mean()
        return reconstruction_loss(self.decoder(theta), batch), divergence


def drop(theta: Tensor, share: float, generator: Generator) -> Tensor:
    """Return theta with a share of its entries set to 0 at random, and the others enlarged to keep the mean."""
    kept = torch.rand(theta.shape, generator=generator) >= share
    return theta * kept / (1 - share)


def reconstruction_loss(log_eta: Tensor, batch: Batch) -> Tensor:
    """Return -sum_j x_ij log eta_ij as the mean over the articles i; only words that occur enter the sum."""
    return -(batch.counts * log_eta[batch.articles, batch.words]).sum() / len(batch)


def kl_divergence(mean: Tensor, log_deviation: Tensor) -> Tensor:
    """Return KL[N(mu, diag(sigma^2)) || N(0, I)] of every article, (articles,)."""
    variance = (2 * log_deviation).exp()
    return 0.5 * (mean.square() + variance - 1 - 2 * log_deviation).sum(dim=1)


def annealed_loss(reconstruction: Tensor, divergence: Tensor, alpha: float) -> Tensor:
    """Return the loss of question (d): -log p(x | z) + alpha KL; with alpha = 1 it is that of question (c)."""
    return reconstruction + alpha * divergence
