"""Principal component analysis, in the form of an autoencoder's weights."""

import numpy as np

from scripts.problems.autoencoder.reconstruct import CHUNK, WHITE, Weights


def principal_components(images: np.ndarray, hidden: int) -> Weights:
    """Return the exact PCA of `images`, (images, 784) uint8: projection onto the leading directions about the mean."""
    mean, covariance = moments(images)
    _, directions = np.linalg.eigh(covariance)  # columns, by rising variance
    leading = directions[:, ::-1][:, :hidden]  # (784, hidden)
    largest = np.take_along_axis(leading, np.abs(leading).argmax(axis=0)[None], axis=0)
    leading = leading * np.sign(largest)  # eigenvectors have no sign of their own
    return {
        "encoder": leading.T.astype(np.float32),
        "encoder_bias": (-mean @ leading).astype(np.float32),
        "decoder": leading.astype(np.float32),
        "decoder_bias": mean.astype(np.float32),
    }


def moments(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean (784,) and covariance (784, 784) of the pixels, of the order of the images independent."""
    pixels = images.shape[1]
    total, products = np.zeros(pixels), np.zeros((pixels, pixels))
    for start in range(0, len(images), CHUNK):
        chunk = images[start : start + CHUNK].astype(np.float64)  # whole numbers, whose sums below are exact
        total += chunk.sum(axis=0)
        products += chunk.T @ chunk
    mean = total / len(images)
    covariance = products / len(images) - np.outer(mean, mean)
    return mean / WHITE, covariance / WHITE**2
