"""AlexNet as torchvision lays it out: the one-column network of Krizhevsky (2014), not the two columns of 2012.

Layers and parameters stand in the same order under the same names ("features.0.weight" to "classifier.6.bias"), so
that torchvision's file of weights fits. `width` scales every layer: 64 is the published network, with 61,100,840
parameters for 1000 classes; smaller ones serve small made-up data. Images are what `enlarge` returns.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

PUBLISHED_WIDTH = 64  # channels of the first layer
CLASSES = 1000  # of ImageNet
SMALLEST = 63  # pixels: a smaller image has nothing left after the last pooling
GRID = 6  # the last layer of `features` is pooled to so many rows and columns
HEAD = "classifier.6"  # the layer that names the class; all before it are features
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet's red, green and blue, from 0 to 1


class AlexNet(nn.Module):
    """Five convolutions, three dense layers; `classifier.6` gives the logits of the classes."""

    def __init__(self, width: int = PUBLISHED_WIDTH, classes: int = CLASSES) -> None:
        super().__init__()
        hidden = feature_count(width)
        self.features = nn.Sequential(
            nn.Conv2d(3, width, kernel_size=11, stride=4, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
            nn.Conv2d(width, 3 * width, kernel_size=5, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
            nn.Conv2d(3 * width, 6 * width, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(6 * width, 4 * width, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(4 * width, 4 * width, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
        )
        self.avgpool = nn.AdaptiveAvgPool2d((GRID, GRID))
        self.classifier = nn.Sequential(
            nn.Dropout(),
            nn.Linear(4 * width * GRID**2, hidden),
            nn.ReLU(inplace=True),
            nn.Dropout(),
            nn.Linear(hidden, hidden),
            nn.ReLU(inplace=True),
            nn.Linear(hidden, classes),
        )

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits of the classes, (batch, classes)."""
        return self.classifier(self.flat(images))

    def penultimate(self, images: Tensor) -> Tensor:
        """Return what the last layer reads, (batch, hidden)."""
        return self.classifier[:-1](self.flat(images))

    def flat(self, images: Tensor) -> Tensor:
        """Return what the dense layers read, (batch, 4 width x 36)."""
        return self.avgpool(self.features(images)).flatten(start_dim=1)


def feature_count(width: int) -> int:
    """Return how many features the last layer reads: 4096 in the published network."""
    return 64 * width


def shapes(width: int, classes: int = CLASSES) -> dict[str, tuple[int, ...]]:
    """Return the shape of every parameter by name, without making any."""
    with torch.device("meta"):
        return {name: tuple(weight.shape) for name, weight in AlexNet(width, classes).state_dict().items()}


def enlarge(images: Tensor, size: int) -> Tensor:
    """Return images of bytes, (batch, 3, rows, columns), as the network wants them: (batch, 3, size, size).

    The colours are normalized by ImageNet's mean and deviation, then interpolated bilinearly between pixels; as the
    interpolation is linear, this order gives what the usual one gives, with less work.
    """
    mean, deviation = (torch.tensor(values, device=images.device)[:, None, None] for values in (MEAN, DEVIATION))
    normal = (images.float() / 255 - mean) / deviation
    larger = F.interpolate(normal, size=(size, size), mode="bilinear", align_corners=False)
    return larger.contiguous(memory_format=torch.channels_last)


def multiply_adds(width: int, classes: int, size: int) -> int:
    """Return the multiplications (each with an addition) of one forward pass of one image."""
    with torch.device("meta"):
        network, total = AlexNet(width, classes), 0
        image = torch.empty(1, 3, size, size)
        for layer in (*network.features, network.avgpool, nn.Flatten(), *network.classifier):
            image = layer(image)
            if isinstance(layer, nn.Conv2d | nn.Linear):
                total += image.numel() * layer.weight[0].numel()
    return total
