"""The two estimators without a loop: film means, and the best low-rank approximation of the zero-filled matrix."""

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.linalg import svds

from reprose import Arrays
from scripts.problems.recommender.ratings import Ratings

MIDDLE = 3.0  # of the scale from 1 to 5


def film_means(training: Ratings, fill: str) -> Arrays:
    """Return the mean rating of every film as a matrix of rank one: the means times a row of ones."""
    counts = np.bincount(training.films, minlength=training.film_count)
    sums = np.bincount(training.films, training.stars, training.film_count)
    unseen = {"zero": 0.0, "middle": MIDDLE, "mean": training.stars.mean()}[fill]
    means = np.where(counts > 0, sums / np.maximum(counts, 1), unseen)
    return {"films": means[:, None], "users": np.ones((training.user_count, 1))}


def truncated_svd(training: Ratings, rank: int) -> Arrays:
    """Return the best approximation of rank `rank` to the matrix of ratings with 0 for what is unknown.

    scipy's sparse solver needs only products with that matrix, so its zeros are never stored.
    """
    shape = (training.film_count, training.user_count)
    matrix = csr_array((training.stars, (training.films, training.users)), shape=shape)
    left, values, right = svds(matrix, k=rank, v0=np.ones(min(shape)))  # a fixed start: the same bits every time
    return {"films": left * values, "users": right.T}
