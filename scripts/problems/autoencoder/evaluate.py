"""Evaluation of a chosen run: errors on the training and the test part, and reconstructions to look at."""

from collections.abc import Mapping

import numpy as np

from reprose import Arrays, Evaluation, Run
from scripts.problems.autoencoder.diagnosis import best_decoder_error, dead_units
from scripts.problems.autoencoder.hyperparameters import Hyperparameters
from scripts.problems.autoencoder.reconstruct import WHITE, decode, encode, in_chunks, reconstruction_error

DIGITS = 10


def evaluate(run: Run, weights: Arrays, data: Mapping[str, Arrays]) -> Evaluation:
    """Return `error` of the test part, `train_error`, and what explains them; artifacts: the first of every digit."""
    wanted: Hyperparameters = run.settings
    training, test = (data[part]["images"].reshape(len(data[part]["images"]), -1) for part in ("train", "test"))
    metrics = {
        "error": reconstruction_error(weights, test, wanted.model),
        "train_error": reconstruction_error(weights, training, wanted.model),
        "refit_error": best_decoder_error(weights, training, wanted.model),
        "train_images": len(training),
        "test_images": len(test),
    }
    originals = test[first_of_each(data["test"]["labels"])].astype(np.float32) / WHITE
    artifacts = {"originals": originals}
    artifacts["reconstructions"] = decode(weights, encode(weights, originals, wanted.model), wanted.model)
    if wanted.model == "relu":
        dead = dead_units(weights, training)
        metrics["inked_pixels"] = int((training.max(axis=0) > 0).sum())
        metrics["dead_codes"] = int(dead["codes"].sum())
        metrics["dead_outputs"] = int(dead["outputs"].sum())
        metrics["dead_error"] = float(dead["error"].sum())
        artifacts["dead_error"] = dead["error"]
    return Evaluation(metrics, artifacts, {"error": _by_image(weights, test, wanted.model)})


def _by_image(weights: Arrays, images: np.ndarray, model: str) -> np.ndarray:
    """Return the mean squared error of each image, (images,)."""
    missed = (decode(weights, encode(weights, pixels, model), model) - pixels for pixels in in_chunks(images))
    return np.concatenate([np.square(part).mean(axis=1, dtype=np.float64) for part in missed])


def first_of_each(labels: np.ndarray) -> np.ndarray:
    """Return the place of the first image of every digit that occurs, in the order of the digits."""
    return np.array([np.flatnonzero(labels == digit)[0] for digit in range(DIGITS) if (labels == digit).any()])
