"""Three ways to choose the k-dimensional subspace onto which the columns of a matrix are projected."""

import numpy as np

from scripts.problems.low_rank.hyperparameters import Hyperparameters


def best_approximation(matrix: np.ndarray, rank: int) -> np.ndarray:
    """Return the best approximation of `matrix` of rank `rank` at most, in squared Frobenius norm."""
    left, values, right = np.linalg.svd(matrix, full_matrices=False)
    return (left[:, :rank] * values[:rank]) @ right[:rank]


def basis(matrix: np.ndarray, rank: int, wanted: Hyperparameters, seed: int) -> np.ndarray:
    """Return orthonormal columns, (rows, rank), that span the chosen subspace."""
    if wanted.method == "svd":
        return np.linalg.svd(matrix, full_matrices=False).U[:, :rank]
    columns = np.random.default_rng([seed, rank]).normal(size=(len(matrix), rank))
    for _ in range(wanted.sweeps if wanted.method == "alternating" else 0):
        factors = _solve(columns, matrix)  # (rank, columns of the matrix)
        columns = _solve(factors.T, matrix.T).T
    return np.linalg.qr(columns).Q


def _solve(known: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return the least squares solution B of `known` B = `wanted`, of all the one of least norm."""
    return np.linalg.lstsq(known, wanted, rcond=None)[0]
