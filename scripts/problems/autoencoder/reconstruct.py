"""Reconstruction of images by trained weights, and its error; all three models have weights of one form."""

from collections.abc import Iterator, Mapping

import numpy as np

WHITE = 255  # the largest grey value, which becomes 1
CHUNK = 2000  # images at a time, so that no copy of all images is made

Weights = Mapping[str, np.ndarray]  # encoder (h, 784), encoder_bias (h,), decoder (784, h), decoder_bias (784,)


def encode(weights: Weights, pixels: np.ndarray, model: str) -> np.ndarray:
    """Return the codes of images, (images, 784) -> (images, h)."""
    codes = pixels @ weights["encoder"].T + weights["encoder_bias"]
    return np.maximum(codes, 0) if model == "relu" else codes


def decode(weights: Weights, codes: np.ndarray, model: str) -> np.ndarray:
    """Return the images of codes, (images, h) -> (images, 784)."""
    pixels = codes @ weights["decoder"].T + weights["decoder_bias"]
    return np.maximum(pixels, 0) if model == "relu" else pixels


def reconstruction_error(weights: Weights, images: np.ndarray, model: str) -> float:
    """Return the mean squared error of a pixel of `images`, (images, 784) uint8; lower is better."""
    total = 0.0
    for pixels in in_chunks(images):
        missed = decode(weights, encode(weights, pixels, model), model) - pixels
        total += float(np.square(missed).sum(dtype=np.float64))
    return total / images.size


def in_chunks(images: np.ndarray) -> Iterator[np.ndarray]:
    """Yield `images` in parts, float32 from 0 to 1."""
    for start in range(0, len(images), CHUNK):
        yield images[start : start + CHUNK].astype(np.float32) / np.float32(WHITE)
