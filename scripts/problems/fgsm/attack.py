"""The fast gradient sign method."""

import torch
from torch import Tensor, nn


def gradient_sign(network: nn.Module, pixels: Tensor, labels: Tensor) -> Tensor:
    """Return the sign of the gradient of the loss in each pixel, (n, 3, 32, 32): -1, 0 or 1."""
    pixels = pixels.float().requires_grad_()
    loss = nn.functional.cross_entropy(network(pixels), labels, reduction="sum")  # images do not mix
    (gradient,) = torch.autograd.grad(loss, pixels)
    return gradient.sign()


def moved(pixels: Tensor, direction: Tensor, epsilon: float) -> Tensor:
    """Return x' = x + epsilon sign, cut to the values that a pixel can have."""
    return (pixels + epsilon * direction).clamp(0, 255)


def attack(network: nn.Module, pixels: Tensor, labels: Tensor, epsilon: float) -> Tensor:
    """Return the attacked images, (n, 3, 32, 32) float, 0 to 255."""
    return moved(pixels, gradient_sign(network, pixels, labels), epsilon)
