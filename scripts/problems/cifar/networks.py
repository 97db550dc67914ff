"""The four networks; each takes pixel values from 0 to 255 and returns the scores of the ten classes."""

import torch
from torch import Tensor, nn

from scripts.models.standardize import Standardize
from scripts.models.tutorial import CLASSES, TutorialNetwork
from scripts.problems.cifar.hyperparameters import Hyperparameters
from scripts.problems.cifar.layers import linear, pooled

PIXELS = 3 * 32 * 32


class Logistic(nn.Module):
    """A linear map of all pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.standardize = Standardize()
        self.output = nn.Linear(PIXELS, CLASSES)

    def forward(self, pixels: Tensor) -> Tensor:
        """Return the scores, (n, 10)."""
        return self.output(vector(self.standardize(pixels)))


class Hidden(nn.Module):
    """One hidden layer with ReLU."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.standardize = Standardize()
        self.hidden = nn.Linear(PIXELS, units)
        self.output = nn.Linear(units, CLASSES)

    def forward(self, pixels: Tensor) -> Tensor:
        """Return the scores, (n, 10)."""
        return self.output(torch.relu(linear(self.hidden, vector(self.standardize(pixels)))))


class Convolution(nn.Module):
    """A convolution with ReLU, max-pooling, and a linear layer.

    ReLU follows the pooling: the same numbers, since both only compare, at a fraction of the work.
    """

    def __init__(self, filters: int, kernel: int, pool: int) -> None:
        super().__init__()
        side = (33 - kernel) // pool
        self.pool = pool
        self.standardize = Standardize()
        self.conv = nn.Conv2d(3, filters, kernel)
        self.output = nn.Linear(filters * side * side, CLASSES)

    def forward(self, pixels: Tensor) -> Tensor:
        """Return the scores, (n, 10)."""
        return self.output(torch.relu(pooled(self.conv, self.standardize(pixels), self.pool)).flatten(1))


def vector(images: Tensor) -> Tensor:
    """Return images (n, 3, 32, 32) as rows (n, 3072), pixel after pixel: the order in which they lie in memory."""
    return images.permute(0, 2, 3, 1).flatten(1)


def build(wanted: Hyperparameters, seed: int) -> nn.Module:
    """Return an untrained network with PyTorch's own initial weights, drawn from a stream of their own."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return _network(wanted).to(memory_format=torch.channels_last)


def _network(wanted: Hyperparameters) -> nn.Module:
    if wanted.network == "logistic":
        return Logistic()
    if wanted.network == "hidden":
        return Hidden(wanted.hidden)
    if wanted.network == "convolution":
        return Convolution(wanted.filters, wanted.kernel, wanted.pool)
    return TutorialNetwork(
        (wanted.filters, wanted.filters_2), (wanted.kernel, wanted.kernel_2), (wanted.features_1, wanted.features_2)
    )
