"""Bayesian matrix factorization: samples from the posterior of all vectors, offsets and their priors, averaged."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from reprose import Arrays
from scripts.problems.recommender.alternating import normal_equations, with_offsets, with_one
from scripts.problems.recommender.hyperparameters import Hyperparameters
from scripts.problems.recommender.ratings import Lists, Ratings

STRENGTH = 2.0  # of the prior of a mean, in rows
FIRST_SPREAD = 0.1  # standard deviation of the first vectors


def sample_table(
    training: Ratings, wanted: Hyperparameters, seed: int, watch: Callable[[Arrays, np.ndarray], None]
) -> Arrays:
    """Return `table` (users, films): predictions averaged over the samples after the burn-in.

    A row of a side is (offset, vector). Rows of a side are draws from one normal with unknown mean and precision, which
    have a normal-Wishart prior; ratings are draws around mean + offsets + inner product with unknown precision.
    """
    stream = np.random.default_rng(seed)
    size = wanted.rank + 1
    films, users = (
        torch.from_numpy(FIRST_SPREAD * stream.normal(size=(count, size)))
        for count in (training.film_count, training.user_count)
    )
    mean = float(training.stars.mean())
    residuals = torch.from_numpy(training.stars - mean)
    of_film, of_user = torch.from_numpy(training.films), torch.from_numpy(training.users)
    table = np.zeros((training.user_count, training.film_count))
    precision = 1.0  # of a rating around its prediction
    for sweep in range(wanted.sweeps):
        prior = draw_prior(films, stream)
        films = draw_rows(training.by_film, with_one(users), residuals - users[of_user, 0], precision, prior, stream)
        prior = draw_prior(users, stream)
        users = draw_rows(training.by_user, with_one(films), residuals - films[of_film, 0], precision, prior, stream)
        fitted = films[of_film, 0] + users[of_user, 0] + (films[of_film, 1:] * users[of_user, 1:]).sum(1)
        precision = draw_precision(residuals - fitted, stream)
        if sweep >= wanted.burn_in:
            sample = mean + films[:, 0] + users[:, :1] + users[:, 1:] @ films[:, 1:].T
            table += (sample.numpy() - table) / (sweep - wanted.burn_in + 1)
        watch(with_offsets(films, users, mean), table)
    return {"table": table.astype(np.float32)}


def draw_prior(rows: Tensor, stream: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Return mean (size,) and precision (size, size) of the normal that `rows` come from, a draw from their posterior.

    The prior is normal-Wishart: mean 0 with the weight of STRENGTH rows, precision with identity scale and as many
    degrees of freedom as a row has numbers.
    """
    sample = rows.numpy()
    count, size = sample.shape
    mean = sample.mean(axis=0)
    scatter = (sample - mean).T @ (sample - mean)
    scale = np.eye(size) + scatter + STRENGTH * count / (STRENGTH + count) * np.outer(mean, mean)
    precision = draw_wishart(np.linalg.inv(scale), size + count, stream)
    root = np.linalg.cholesky((STRENGTH + count) * precision)
    centre = count / (STRENGTH + count) * mean + np.linalg.solve(root.T, stream.normal(size=size))
    return torch.from_numpy(centre), torch.from_numpy(precision)


def draw_wishart(scale: np.ndarray, freedom: int, stream: np.random.Generator) -> np.ndarray:
    """Return a draw from the Wishart distribution with mean freedom x scale, by Bartlett's decomposition."""
    size = len(scale)
    factor = np.tril(stream.normal(size=(size, size)), -1)
    factor[np.diag_indices(size)] = np.sqrt(stream.chisquare(freedom - np.arange(size)))
    root = np.linalg.cholesky((scale + scale.T) / 2) @ factor
    return root @ root.T


def draw_rows(
    lists: Lists,
    features: Tensor,
    targets: Tensor,
    precision: float,
    prior: tuple[Tensor, Tensor],
    stream: np.random.Generator,
) -> Tensor:
    """Return a draw of all rows of one side from their posterior, given the other side; unrated rows from the prior."""
    mean, spread = prior
    noise = torch.from_numpy(stream.normal(size=(lists.row_count, len(mean), 1)))
    root = torch.linalg.cholesky(spread)
    drawn = mean + torch.linalg.solve_triangular(root.T, noise.squeeze(2).T, upper=True).T
    for rows, gram, moment in normal_equations(lists, features, targets):
        root = torch.linalg.cholesky(precision * gram + spread)
        whitened = torch.linalg.solve_triangular(root, precision * moment + (spread @ mean).unsqueeze(1), upper=False)
        drawn[rows] = torch.linalg.solve_triangular(root.mT, whitened + noise[rows], upper=True).squeeze(2)
    return drawn


def draw_precision(residuals: Tensor, stream: np.random.Generator) -> float:
    """Return a draw of the precision of a rating, under a gamma prior of shape and rate 1."""
    return stream.gamma(1 + len(residuals) / 2, 1 / (1 + float(residuals @ residuals) / 2))
