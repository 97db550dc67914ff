"""First layers: on a processor they are faster than PyTorch's own, as the images need no gradient."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

IN_CACHE = 8  # images whose convolution or patches a processor's cache holds


def linear(layer: nn.Linear, rows: Tensor) -> Tensor:
    """Return what `layer` makes of rows (n, pixels), (n, units)."""
    has_product = _on_processor(rows) and hasattr(
        torch.ops.mkldnn, "_linear_pointwise"
    )  # torch exports it under no name
    return Linear.apply(rows, layer.weight, layer.bias) if has_product else layer(rows)


def pooled(layer: nn.Conv2d, images: Tensor, pool: int) -> Tensor:
    """Return the maxima of windows of `pool` x `pool` pixels of what `layer` makes of images, (n, filters, side, side).

    `layer` has neither padding nor strides.
    """
    if _on_processor(images):
        return PooledConvolution.apply(images, layer.weight, layer.bias, pool)
    return functional.max_pool2d(layer(images), pool)


class Linear(torch.autograd.Function):
    """A linear map by oneDNN, which takes half the time of MKL, PyTorch's choice, on processors of AMD."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """Return (n, units) of rows (n, pixels) and weights (units, pixels)."""
        ctx.save_for_backward(rows)
        return _product(rows, weight, bias)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[None, Tensor, Tensor]:
        """Return the gradients of weights and biases."""
        (rows,) = ctx.saved_tensors
        return None, _product(gradient.T, rows.T), gradient.sum(dim=0)


class PooledConvolution(torch.autograd.Function):
    """A convolution and max-pooling.

    A window passes its gradient on to its maximum alone, so the gradient of a filter is a weighted sum of one patch of
    each window: with windows of 7 x 7 pixels a 49th of the work of a convolution's.
    """

    @staticmethod
    def forward(ctx: Any, images: Tensor, weight: Tensor, bias: Tensor, pool: int) -> Tensor:
        """Return (n, filters, side, side) of images (n, channels, rows, columns)."""
        parts = [
            functional.max_pool2d(functional.conv2d(part, weight, bias), pool, return_indices=True)
            for part in images.split(IN_CACHE)
        ]
        maxima, places = (torch.cat(tensors) for tensors in zip(*parts, strict=True))
        ctx.save_for_backward(images, weight, places)
        return maxima

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[None, Tensor, Tensor, None]:
        """Return the gradients of weights and biases."""
        images, weight, places = ctx.saved_tensors
        parts = zip(*(values.split(IN_CACHE) for values in (images, places, gradient)), strict=True)
        summed = sum(_weighted_patches(*part, weight.shape[2]) for part in parts)
        return None, summed.permute(0, 3, 1, 2), gradient.sum(dim=(0, 2, 3)), None


def _weighted_patches(images: Tensor, places: Tensor, factors: Tensor, kernel: int) -> Tensor:
    """Return for each filter the sum of the patches at `places` times `factors`, (filters, kernel, kernel, channels).

    `places` and `factors` are (n, filters, side, side); a place counts the patches of its image row by row.
    """
    patches = images.unfold(2, kernel, 1).unfold(3, kernel, 1).permute(0, 2, 3, 4, 5, 1)
    count, rows, columns, *patch = patches.shape
    first = rows * columns * torch.arange(count)[:, None, None, None]  # of each image
    bags, weights = (values.transpose(0, 1).flatten(1) for values in (first + places, factors))  # (filters, windows)
    table = patches.reshape(count * rows * columns, -1)
    return functional.embedding_bag(bags, table, mode="sum", per_sample_weights=weights).unflatten(1, patch)


def _product(left: Tensor, right: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return left right' + bias, (m, n), of (m, k) and (n, k)."""
    return torch.ops.mkldnn._linear_pointwise(left, right, bias, "none", [], "")


def _on_processor(values: Tensor) -> bool:
    """Return whether these are values on a processor, and inputs that need no gradient."""
    return values.device.type == "cpu" and not values.requires_grad and torch.backends.mkldnn.is_available()
