"""What a fitted model predicts, and its mean squared error."""

import numpy as np

from reprose import Arrays
from scripts.problems.recommender.ratings import Ratings

STARS = (1.0, 5.0)  # the scale
PIECE = 4000  # pairs whose vectors are gathered at once: those of all pairs fit no cache
EVERY = 5  # sweeps between two measurements, which cost about as much as a sweep


def predict(weights: Arrays, users: np.ndarray, films: np.ndarray) -> np.ndarray:
    """Return the predicted ratings of pairs, float64, by whatever form of model `weights` hold.

    `films` and `users` are vectors whose inner product is the prediction; with them may come `film_offsets`,
    `user_offsets` and `mean`, and then the sum is clipped to the scale. `table` (users, films) holds predictions.
    """
    if "table" in weights:
        return np.clip(weights["table"][users, films].astype(np.float64), *STARS)
    products = inner_products(weights["films"], weights["users"], films, users)
    if "mean" not in weights:
        return products
    offsets = weights["mean"] + weights["film_offsets"][films] + weights["user_offsets"][users]
    return np.clip(products + offsets, *STARS)


def inner_products(u: np.ndarray, v: np.ndarray, films: np.ndarray, users: np.ndarray) -> np.ndarray:
    """Return <u_i, v_j> of every pair of a film i and a user j, from `u` (films, rank) and `v` (users, rank)."""
    u, v, products = np.ascontiguousarray(u), np.ascontiguousarray(v), np.empty(len(films))
    for first in range(0, len(films), PIECE):
        piece = slice(first, first + PIECE)
        np.einsum("kd,kd->k", u.take(films[piece], axis=0), v.take(users[piece], axis=0), out=products[piece])
    return products


def errors(weights: Arrays, part: Ratings) -> np.ndarray:
    """Return the squared error of every rating of `part`, in stars squared."""
    return (predict(weights, part.users, part.films) - part.stars) ** 2


def measure(weights: Arrays, part: Ratings, training: Ratings) -> dict[str, float]:
    """Return `error`, the mean squared error (stars squared, lower is better), and what unseen films add to it.

    `unseen_films` counts the films without a rating in training, `unseen_ratings` those ratings of `part` that are of
    such films, and `unseen_error` is their share of the error: their squared errors over all ratings of `part`.
    """
    squares = errors(weights, part)
    counts = np.bincount(training.films, minlength=training.film_count)
    unseen = counts[part.films] == 0
    return {
        "error": float(squares.mean()),
        "unseen_films": float(np.sum(counts == 0)),
        "unseen_ratings": float(np.sum(unseen)),
        "unseen_error": float(squares[unseen].sum() / len(part)),
    }


def losses(weights: Arrays, training: Ratings, validation: Ratings, regularization: float) -> dict[str, float]:
    """Return what the history holds: both mean squared errors, and the loss (4), a sum over the training ratings."""
    squares = errors(weights, training)
    sizes = float(np.sum(weights["films"] ** 2) + np.sum(weights["users"] ** 2))
    return {
        "train_error": float(squares.mean()),
        "error": float(errors(weights, validation).mean()),
        "loss": float(squares.sum()) + regularization * sizes,
    }


def summary(weights: Arrays, training: Ratings, validation: Ratings) -> dict[str, float]:
    """Return the final metrics, and the sizes of the data, which the handout prints."""
    return {
        **measure(weights, validation, training),
        "train_error": float(errors(weights, training).mean()),
        "users": training.user_count,
        "films": training.film_count,
        "training_ratings": len(training),
        "held_out_ratings": len(validation),
    }
