"""Topics by the methods of scikit-learn, from the same counts."""

import warnings

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.cluster import KMeans
from sklearn.decomposition import NMF, LatentDirichletAllocation
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfTransformer

from scripts.problems.topics.hyperparameters import Hyperparameters

BATCH = 128  # articles per update of latent Dirichlet allocation, scikit-learn's value


def fit(wanted: Hyperparameters, counts: csr_matrix, seed: int) -> np.ndarray:
    """Return how each topic scores each word, (topics, words), float32, from counts (articles, words)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # `epochs` says how long it may take
        match wanted.model:
            case "lda":
                return _dirichlet(wanted, counts, seed).astype(np.float32)
            case "nmf":
                return _factorize(wanted, counts, seed).astype(np.float32)
    return _cluster(wanted, counts, seed).astype(np.float32)


def _dirichlet(wanted: Hyperparameters, counts: csr_matrix, seed: int) -> np.ndarray:
    """Return the word distributions of latent Dirichlet allocation, by stochastic variational inference."""
    model = LatentDirichletAllocation(
        wanted.topics, learning_method="online", batch_size=BATCH, max_iter=wanted.epochs, random_state=seed
    )
    return model.fit(counts).components_


def _factorize(wanted: Hyperparameters, counts: csr_matrix, seed: int) -> np.ndarray:
    """Return the nonnegative factor of the words; the zeros of the deterministic start are filled by the seed."""
    model = NMF(wanted.topics, init="nndsvdar", max_iter=wanted.epochs, random_state=seed)
    return model.fit(counts).components_


def _cluster(wanted: Hyperparameters, counts: csr_matrix, seed: int) -> np.ndarray:
    """Return the centres of k-means on tf-idf vectors of length 1."""
    vectors = TfidfTransformer().fit_transform(counts)
    return KMeans(wanted.topics, n_init=1, max_iter=wanted.epochs, random_state=seed).fit(vectors).cluster_centers_
