"""How far a projection computed in floating point is from what the proofs say of it."""

import numpy as np

FAULTS = ("values", "square", "trace", "nearest", "identity", "error")


def projection_values(basis: np.ndarray) -> np.ndarray:
    """Return the singular values, (rows,), of the projection onto the span of the orthonormal columns of `basis`."""
    return np.linalg.svd(basis @ basis.T, compute_uv=False)


def faults(basis: np.ndarray, matrix: np.ndarray) -> dict[str, float]:
    """Return the largest deviation, in absolute value, from each statement about projections.

    `values`: singular values are 1 (as many as `basis` has columns) and 0. `square`: the projection is its own square.
    `trace`: its trace is its rank. `nearest`: it maps the columns of `matrix` to the nearest vectors of the subspace.
    `identity`: with the basis completed, it is the identity. `error`: the squared norm of what it removes from
    `matrix` is Trace(X X' (I - P)), as a share of the squared norm of `matrix`.
    """
    rows, rank = basis.shape
    projection, unit = basis @ basis.T, np.eye(rows)
    rest = np.linalg.qr(basis, mode="complete").Q[:, rank:]
    whole = np.concatenate([basis, rest], axis=1)
    nearest = basis @ np.linalg.lstsq(basis, matrix, rcond=None)[0]
    removed = np.trace(matrix @ matrix.T @ (unit - projection))
    return {
        "values": _largest(projection_values(basis) - (np.arange(rows) < rank)),
        "square": _largest(projection @ projection - projection),
        "trace": abs(float(np.trace(projection)) - rank),
        "nearest": _largest(projection @ matrix - nearest),
        "identity": _largest(whole @ whole.T - unit),
        "error": abs(error(basis, matrix) - float(removed) / float((matrix**2).sum())),
    }


def error(basis: np.ndarray, matrix: np.ndarray) -> float:
    """Return the squared norm of what the projection removes from `matrix`, as a share of that of `matrix`."""
    return float(((basis @ (basis.T @ matrix) - matrix) ** 2).sum() / (matrix**2).sum())


def _largest(deviations: np.ndarray) -> float:
    return float(np.abs(deviations).max())
