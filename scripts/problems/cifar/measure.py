"""Accuracy of a network on images as they are."""

import torch
from torch import Tensor, nn

from scripts.problems.cifar.images import Images

CHUNK = 250  # images at a time


@torch.no_grad()
def predict(network: nn.Module, images: Images) -> Tensor:
    """Return the class with the highest score for each image, (n,)."""
    network.eval()
    return torch.cat([network(pixels).argmax(dim=1) for pixels in images.pixels.split(CHUNK)])


def accuracy(network: nn.Module, images: Images) -> float:
    """Return the share of images whose class is predicted, 0 to 1; higher is better."""
    return (predict(network, images) == images.labels).double().mean().item()
