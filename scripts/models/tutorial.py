"""The network of PyTorch's tutorial "Training a classifier": two convolutions with pooling, three linear layers."""

import torch
from torch import Tensor, nn

from reprose.base.errors import ReproseError
from scripts.models.standardize import Standardize

SIDE = 32  # pixels of an image's side
CLASSES = 10


class TutorialNetwork(nn.Module):
    """The tutorial's layers in the tutorial's order; widths and filter sizes are free, and no layer is added.

    Max-pooling and ReLU are taken in the opposite order, which gives the same numbers (both only compare) at a quarter
    of the work for ReLU.
    """

    def __init__(self, filters: tuple[int, int], kernels: tuple[int, int], features: tuple[int, int]) -> None:
        super().__init__()
        side = pooled_side(kernels)
        self.standardize = Standardize()
        self.conv1 = nn.Conv2d(3, filters[0], kernels[0])
        self.conv2 = nn.Conv2d(filters[0], filters[1], kernels[1])
        self.fc1 = nn.Linear(filters[1] * side * side, features[0])
        self.fc2 = nn.Linear(features[0], features[1])
        self.fc3 = nn.Linear(features[1], CLASSES)

    def forward(self, pixels: Tensor) -> Tensor:
        """Return the scores of the classes, (n, 10), of images (n, 3, 32, 32) with values from 0 to 255."""
        hidden = self.standardize(pixels)
        hidden = torch.relu(nn.functional.max_pool2d(self.conv1(hidden), 2))
        hidden = torch.relu(nn.functional.max_pool2d(self.conv2(hidden), 2))
        hidden = torch.relu(self.fc1(hidden.flatten(1)))
        return self.fc3(torch.relu(self.fc2(hidden)))


def pooled_side(kernels: tuple[int, int]) -> int:
    """Return the side of what the second pooling leaves, in pixels."""
    side = SIDE
    for kernel in kernels:
        side = (side - kernel + 1) // 2
        if side < 1:
            raise ReproseError(f"config.yaml: kernels of {kernels[0]} and {kernels[1]} leave no pixel of 32 x 32.")
    return side
