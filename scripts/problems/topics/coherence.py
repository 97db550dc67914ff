"""How good topics are: the coherence of their top words in a corpus, and how much the topics differ."""

import numpy as np
from scipy.sparse import csc_matrix

from reprose import Arrays
from scripts.problems.topics.corpus import to_matrix

TOP = 10  # words of a topic that are looked at
SHARED = 5  # words that two different topics may share


class Reference:
    """The articles in which co-occurrence is counted."""

    def __init__(self, arrays: Arrays) -> None:
        self.present: csc_matrix = (to_matrix(arrays) > 0).astype(np.float64).tocsc()  # (articles, words)

    def npmi(self, top: np.ndarray, unseen: float) -> np.ndarray:
        """Return for each topic the mean over the 45 pairs of its `top` words, (topics,) from (topics, 10).

        With P the share of articles that hold a word, or both words of a pair, a pair's value is
        log(P(a, b) / (P(a) P(b))) / -log P(a, b): 0 if the words are independent, 1 if they only occur together.
        A pair that no article holds has no such value and counts `unseen`; -1 is the limit for P(a, b) -> 0.
        """
        columns, places = np.unique(top, return_inverse=True)
        chosen = self.present[:, columns]
        both = (chosen.T @ chosen).toarray() / chosen.shape[0]  # (columns, columns), sparse until here
        values = _normalized(both, unseen)
        first, second = np.triu_indices(top.shape[1], k=1)  # every pair once, none of a word with itself
        places = places.reshape(top.shape)
        return values[places[:, first], places[:, second]].mean(axis=1)


def top_words(scores: np.ndarray) -> np.ndarray:
    """Return the ten words with the highest score in each topic, best first, (topics, 10) from (topics, words)."""
    return np.argsort(-scores, axis=1, kind="stable")[:, :TOP]


def diversity(top: np.ndarray) -> float:
    """Return the share of different words among the top words of all topics; 1 if no two topics share a word."""
    return len(np.unique(top)) / top.size


def distinct(top: np.ndarray) -> int:
    """Return how many topics are left when each that shares more than five words with a kept one is dropped."""
    return len(distinct_topics(top))


def distinct_topics(top: np.ndarray) -> list[int]:
    """Return the topics that are kept, going through them in order."""
    kept: list[int] = []
    for topic, words in enumerate(top):
        if all(len(np.intersect1d(words, top[other])) <= SHARED for other in kept):
            kept.append(topic)
    return kept


def _normalized(both: np.ndarray, unseen: float) -> np.ndarray:
    single = np.diag(both)
    seen = both > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.log(both / np.outer(single, single)) / -np.log(both)
    values[both == 1] = 1.0  # both words in every article: the limit
    return np.where(seen, values, unseen)
