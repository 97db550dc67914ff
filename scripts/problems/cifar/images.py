"""Images in memory as bytes, channels last, and batches of them, mirrored and shifted by one indexing operation."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from reprose import Arrays

SIDE = 32


@dataclass(frozen=True)
class Images:
    """Labelled images; the memory holds them row by row, pixel by pixel, channel by channel."""

    pixels: Tensor  # (n, 3, 32, 32) uint8
    labels: Tensor  # (n,) int64

    def __len__(self) -> int:
        return len(self.labels)


def to_images(part: Arrays, device: str) -> Images:
    """Return a part of a view as tensors on `device`."""
    pixels = torch.from_numpy(np.ascontiguousarray(part["images"].transpose(0, 2, 3, 1))).to(device)
    return Images(pixels.permute(0, 3, 1, 2), torch.from_numpy(part["labels"]).to(device))


def windows(images: Images, shift: int) -> Tensor:
    """Return all shifted copies of each image, (n, 2 shift + 1, 2 shift + 1, 3, 32, 32), without storing them.

    Only the images with an edge of their own mean colour around them take memory; the copies overlap in it.
    """
    count, width = len(images), SIDE + 2 * shift
    framed = images.pixels.new_empty(count, width, width, 3)
    framed[:] = images.pixels.float().mean(dim=(2, 3)).round().to(torch.uint8)[:, None, None, :]
    framed[:, shift : shift + SIDE, shift : shift + SIDE] = images.pixels.permute(0, 2, 3, 1)
    return framed.unfold(1, SIDE, 1).unfold(2, SIDE, 1)  # (n, 2 shift + 1, 2 shift + 1, 3, 32, 32)


def draw_changes(count: int, flip: bool, shift: int, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Return for each of `count` images the shift down and to the right, 0 to 2 shift, and whether it is mirrored."""
    moves = torch.randint(0, 2 * shift + 1, (2, count), generator=generator)
    mirrored = torch.rand(count, generator=generator) < (0.5 if flip else 0.0)
    return moves[0], moves[1], mirrored


def batch(shifted: Tensor, rows: Tensor, down: Tensor, right: Tensor, mirrored: Tensor) -> Tensor:
    """Return the images `rows`, each shifted and mirrored on its own, (batch, 3, 32, 32) uint8, channels last."""
    chosen = shifted[rows, down, right].permute(0, 2, 3, 1)  # (batch, 32, 32, 3)
    either = (images.flatten(1).view(torch.int64) for images in (chosen.flip(2), chosen))  # eight bytes at a time
    return torch.where(mirrored[:, None], *either).view(torch.uint8).view(chosen.shape).permute(0, 3, 1, 2)
