"""Why a trained autoencoder falls short of what its codes would allow."""

import numpy as np

from scripts.problems.autoencoder.reconstruct import Weights, decode, encode, in_chunks


def best_decoder_error(weights: Weights, images: np.ndarray, model: str) -> float:
    """Return the error that the best affine decoder, found by least squares, makes with the codes as they are."""
    count, pixels = images.shape
    hidden = len(weights["encoder"])
    codes_sum, pixels_sum, squares = np.zeros(hidden), np.zeros(pixels), 0.0
    inner, outer = np.zeros((hidden, hidden)), np.zeros((hidden, pixels))
    for chunk in in_chunks(images):
        codes, shown = encode(weights, chunk, model).astype(np.float64), chunk.astype(np.float64)
        codes_sum += codes.sum(axis=0)
        pixels_sum += shown.sum(axis=0)
        squares += float(np.square(shown).sum())
        inner += codes.T @ codes
        outer += codes.T @ shown
    inner -= np.outer(codes_sum, codes_sum) / count
    outer -= np.outer(codes_sum, pixels_sum) / count
    explained = np.linalg.lstsq(inner, outer, rcond=None)[0]  # (hidden, 784); codes may depend on one another
    total = squares - np.square(pixels_sum).sum() / count
    return float(total - (explained * outer).sum()) / images.size


def dead_units(weights: Weights, images: np.ndarray) -> dict[str, np.ndarray]:
    """Return which units of F2 are 0 for every image, and what that costs.

    `codes`: (h,) bool; `outputs`: (784,) bool, dead although their pixel has ink in some image; `error`: (784,) their
    part of the reconstruction error.
    """
    codes_alive, outputs_alive, inked = False, False, False
    squares = np.zeros(images.shape[1])
    for pixels in in_chunks(images):
        codes = encode(weights, pixels, "relu")
        codes_alive = codes_alive | (codes > 0).any(axis=0)
        outputs_alive = outputs_alive | (decode(weights, codes, "relu") > 0).any(axis=0)
        inked = inked | (pixels > 0).any(axis=0)
        squares += np.square(pixels).sum(axis=0, dtype=np.float64)
    dead = inked & ~outputs_alive
    return {"codes": ~codes_alive, "outputs": dead, "error": np.where(dead, squares / images.size, 0.0)}
