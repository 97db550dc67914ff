"""The metrics of a set of topics, and the parts of a view that they are measured in."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from reprose import Arrays
from scripts.problems.topics.coherence import Reference, distinct, diversity, top_words
from scripts.problems.topics.corpus import Corpus, to_corpus

OTHER = {-1.0: 0.0, 0.0: -1.0}  # the other value that an unseen pair may count


@dataclass(frozen=True)
class Parts:
    """The training and the validation part: to train on, and to count co-occurrences in."""

    training: Corpus
    validation: Corpus
    trained_on: Reference
    held_out: Reference


def to_parts(data: Mapping[str, Arrays]) -> Parts:
    """Return the parts of a view."""
    training, validation = data["train"], data["validation"]
    corpora = (to_corpus(part) for part in (training, validation))
    return Parts(*corpora, Reference(training), Reference(validation))


def measure(scores: np.ndarray, reference: Reference, unseen: float) -> dict[str, float]:
    """Return the metrics of topics that score words so, (topics, words).

    `npmi`: mean over the topics (-1 to 1, higher is better); `other_npmi`: the same with the other value for unseen
    pairs; `diversity`: share of different words among the top ten (0 to 1, higher is better); `distinct`: topics no two
    of which share more than five words.
    """
    top = top_words(scores)
    return {
        "npmi": float(reference.npmi(top, unseen).mean()),
        "other_npmi": float(reference.npmi(top, OTHER[unseen]).mean()),
        "diversity": diversity(top),
        "distinct": distinct(top),
    }
