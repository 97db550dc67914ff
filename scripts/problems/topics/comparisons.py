"""Which variants the questions compare, under which names they are printed, and which five topics are shown."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from reprose import Arrays, ReproseError, VariantResults
from scripts.problems.topics.coherence import SHARED

SCHEDULES = {  # of question (d): with the faster rate of the decoder -> with one rate for both
    "autoencoder": "one_rate",
    "logistic_epochs": "one_rate_logistic_epochs",
    "logistic_steps": "one_rate_logistic_steps",
    "logistic": "one_rate_logistic",
    "not_annealed": "one_rate_not_annealed",
}
TO_THE_END = "one_rate_to_the_end"  # one rate, not annealed, not stopped early
AUTOENCODERS = (*SCHEDULES, *SCHEDULES.values(), TO_THE_END, "dropout")
METHODS = ("autoencoder", "dropout", "lda", "nmf", "kmeans")  # each over a grid of the number of topics
VARIANTS = (*AUTOENCODERS, "lda", "nmf", "kmeans")
SHOWN = 5  # topics of question (f)
SHOWN_MODEL = "autoencoder"
NAMED = 2  # words that stand for a topic without a name

Trial = Mapping[str, Any]


def by_topics(variant: VariantResults) -> dict[int, Trial]:
    """Return the trials of a variant by their number of topics, in ascending order."""
    trials = {trial["values"]["topics"]: trial for trial in variant.trials}
    return {topics: trials[topics] for topics in sorted(trials)}


def samples(table: Mapping[Any, Mapping[str, float]], metric: str) -> dict[int, float]:
    """Return `metric` of each seed."""
    return {int(seed): metrics[metric] for seed, metrics in table.items()}


def shown_topics(artifacts: Arrays) -> list[int]:
    """Return five different topics: the most typical one of each class, then the most coherent ones left.

    The most typical topic of a class is the one with the largest part of its weight in that class's validation
    articles; coherence is the NPMI on validation. A topic that shares more than five words with a chosen one is passed
    over.
    """
    typical = artifacts["shares"].argmax(axis=0).tolist()  # one for each class
    coherent = np.argsort(-artifacts["eval_npmi"], kind="stable").tolist()
    chosen: list[int] = []
    for topic in [*typical, *coherent]:
        if len(chosen) < SHOWN and topic not in chosen and _differs(artifacts["words"], topic, chosen):
            chosen.append(topic)
    if len(chosen) < SHOWN:
        raise ReproseError(
            f"topics: found {len(chosen)} topics that differ, question (f) wants {SHOWN}. Give the autoencoder more"
            " epochs or a larger decoder_rate in config.yaml."
        )
    return chosen


def name_of(artifacts: Arrays, topic: int) -> str:
    """Return the topic's two most distinctive words of its ten: those with the highest lift."""
    order = np.argsort(-artifacts["lift"][topic], kind="stable")[:NAMED]
    return ", ".join(artifacts["words"][topic][order].tolist())


def _differs(words: np.ndarray, topic: int, chosen: list[int]) -> bool:
    return all(len(np.intersect1d(words[topic], words[other])) <= SHARED for other in chosen)
