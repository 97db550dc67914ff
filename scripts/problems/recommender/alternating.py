"""Alternating least squares: with one side fixed, the best vectors of the other side solve small linear systems."""

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from reprose import Arrays
from scripts.problems.recommender.hyperparameters import Hyperparameters
from scripts.problems.recommender.ratings import Lists, Ratings

Watch = Callable[[Arrays], None]  # called with the weights after every sweep
Block = tuple[np.ndarray, np.ndarray, np.ndarray]


def blocks(lists: Lists, features: Tensor, targets: Tensor) -> Iterator[Block]:
    """Yield rows, X (rows, length, rank) and y (rows, length, 1) of every piece of the buckets.

    X holds the `features` (others, rank) of those that the row is rated with,
    y the `targets` (ratings,). X is zero where a list has ended; y does not matter there.
    """
    end = np.zeros((1, features.shape[1]))
    padded, values = np.vstack([features.numpy(), end]), targets.numpy()
    for piece in lists.pieces(features.shape[1]):
        x = padded.take(piece.others, axis=0)
        y = values.take(piece.places)[:, :, None]
        yield piece.rows, x, y


def normal_equations(lists: Lists, features: Tensor, targets: Tensor) -> Iterator[tuple[np.ndarray, Tensor, Tensor]]:
    """Yield rows, X'X (rows, rank, rank) and X'y (rows, rank, 1) of every piece of the buckets."""
    for rows, x, y in blocks(lists, features, targets):
        xt = x.transpose(0, 2, 1)  # NumPy multiplies and factors many small matrices faster than torch does
        yield rows, torch.from_numpy(xt @ x), torch.from_numpy(xt @ y)


def solve(lists: Lists, features: Tensor, targets: Tensor, penalties: Tensor) -> Tensor:
    """Return for every row the w that minimizes |Xw - y|^2 + penalty |w|^2; `penalties` (rows,), w = 0 if unrated."""
    ridge, solution = penalties.numpy(), np.zeros((lists.row_count, features.shape[1]))
    for rows, x, y in blocks(lists, features, targets):
        xt = x.transpose(0, 2, 1)
        # For short lists X'(XX' + penalty)^-1 y is less work than (X'X + penalty)^-1 X'y.
        short = x.shape[1] < x.shape[2]
        gram, right = (x @ xt, y) if short else (xt @ x, xt @ y)
        np.einsum("kii->ki", gram)[...] += ridge[rows, None]
        root = torch.from_numpy(np.linalg.cholesky(gram))
        whitened = torch.linalg.solve_triangular(root, torch.from_numpy(right), upper=False)
        found = torch.linalg.solve_triangular(root.mT, whitened, upper=True).numpy()
        solution[rows] = (xt @ found if short else found)[:, :, 0]
    return torch.from_numpy(solution)


def start(training: Ratings, wanted: Hyperparameters, seed: int) -> tuple[Tensor, Tensor]:
    """Return the first vectors of films and users: uniform draws from 0 to sigma, as the document suggests."""
    stream = np.random.RandomState(seed)
    shapes = ((training.film_count, wanted.rank), (training.user_count, wanted.rank))
    films, users = (torch.from_numpy(wanted.scale * stream.rand(*shape)) for shape in shapes)
    return films, users


def alternate(training: Ratings, wanted: Hyperparameters, seed: int, watch: Watch) -> Arrays:
    """Return vectors of films and users that minimize the document's loss (4) in turn."""
    films, users = start(training, wanted, seed)
    stars = torch.from_numpy(training.stars)
    ridge_films, ridge_users = (films.new_full((len(side),), wanted.regularization) for side in (films, users))
    for _ in range(wanted.sweeps):
        films = solve(training.by_film, users, stars, ridge_films)
        users = solve(training.by_user, films, stars, ridge_users)
        watch({"films": films.numpy(), "users": users.numpy()})
    return {"films": films.numpy(), "users": users.numpy()}


def alternate_with_offsets(training: Ratings, wanted: Hyperparameters, seed: int, watch: Watch) -> Arrays:
    """Return vectors and offsets that minimize a loss in which every rating pays for the vectors it uses.

    The prediction is mean + offset of the film + offset of the user + inner product; the penalty of a row is lambda
    times the number of its ratings (Zhou et al., 2008), so that active users are not fitted more freely than others.
    """
    films, users = start(training, wanted, seed)
    films, users = (torch.cat([side.new_zeros(len(side), 1), side], dim=1) for side in (films, users))
    mean = float(training.stars.mean())
    residuals = torch.from_numpy(training.stars - mean)
    of_film, of_user = torch.from_numpy(training.films), torch.from_numpy(training.users)
    ridge_films, ridge_users = (
        wanted.regularization * torch.from_numpy(lists.counts) for lists in (training.by_film, training.by_user)
    )
    for _ in range(wanted.sweeps):
        films = solve(training.by_film, with_one(users), residuals - users[of_user, 0], ridge_films)
        users = solve(training.by_user, with_one(films), residuals - films[of_film, 0], ridge_users)
        watch(with_offsets(films, users, mean))
    return with_offsets(films, users, mean)


def with_one(side: Tensor) -> Tensor:
    """Return the features that the other side's offset and vector are multiplied with: 1 and the vector."""
    return torch.cat([torch.ones_like(side[:, :1]), side[:, 1:]], dim=1)


def with_offsets(films: Tensor, users: Tensor, mean: float) -> Arrays:
    """Return weights from rows that hold an offset, then a vector."""
    return {
        "films": films[:, 1:].numpy(),
        "users": users[:, 1:].numpy(),
        "film_offsets": films[:, 0].numpy(),
        "user_offsets": users[:, 0].numpy(),
        "mean": np.array(mean),
    }
