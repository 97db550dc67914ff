"""The first layer of every image network here: pixel values to numbers around 0."""

import torch
from torch import Tensor, nn


class Standardize(nn.Module):
    """Subtracts a mean from each channel and divides by a deviation; both belong to the weights."""

    def __init__(self, channels: int = 3) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(channels, 1, 1))
        self.register_buffer("deviation", torch.ones(channels, 1, 1))

    def fit(self, pixels: Tensor) -> None:
        """Take mean and deviation of each channel from training images, (n, 3, height, width) of bytes."""
        counts = torch.stack([channel.flatten().bincount(minlength=256) for channel in pixels.unbind(1)]).double()
        share = counts / counts.sum(dim=1, keepdim=True)  # (3, 256), exact whatever the order of the images
        values = torch.arange(256, dtype=torch.float64, device=pixels.device)
        mean = share @ values
        variance = share @ values.square() - mean.square()
        self.mean.copy_(mean[:, None, None])
        self.deviation.copy_(variance.clamp(min=1).sqrt()[:, None, None])

    def forward(self, pixels: Tensor) -> Tensor:
        """Return the standardized images; `pixels` run from 0 to 255, as bytes or as floats."""
        whole = (1, *pixels.shape[1:])  # written out for an image, broadcasting is five times as fast
        mean, deviation = (
            values.expand(whole).contiguous(memory_format=torch.channels_last) for values in (self.mean, self.deviation)
        )
        return (pixels - mean).div_(deviation)
