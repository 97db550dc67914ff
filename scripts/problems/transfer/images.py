"""The images of a part as the network that trains reads them: features, or bytes to be enlarged batch by batch."""

from dataclasses import dataclass

import torch
from torch import Tensor

from reprose import Arrays
from scripts.models.alexnet import enlarge

CLASSES = 10


@dataclass(frozen=True)
class Images:
    """What is known of n images: features (n, features) float16, or bytes (n, 3, rows, columns), and their classes."""

    known: Tensor
    labels: Tensor  # (n,), 0 to 9
    size: int  # pixels that bytes are enlarged to; 0 for features

    def __len__(self) -> int:
        return len(self.labels)

    def inputs(self, rows: Tensor) -> Tensor:
        """Return the network's input for some images, (rows, features) or (rows, 3, size, size)."""
        known = self.known[rows]
        return enlarge(known, self.size) if self.size else known.float()


def to_images(part: Arrays, device: str) -> Images:
    """Return the images of one part of a view."""
    name = "features" if "features" in part else "images"
    known, labels = (torch.from_numpy(part[key]).to(device) for key in (name, "labels"))
    return Images(known, labels, int(part["image_size"]) if name == "images" else 0)
