"""Evaluation of a chosen run on the test part, and a description of its topics."""

from collections.abc import Mapping

import numpy as np
import torch
from torch.nn import functional as F

from reprose import Arrays, Evaluation, Run
from scripts.problems.topics.coherence import Reference, top_words
from scripts.problems.topics.corpus import to_corpus
from scripts.problems.topics.hyperparameters import Hyperparameters
from scripts.problems.topics.measure import measure
from scripts.problems.topics.model import Encoder


def evaluate(run: Run, weights: Arrays, data: Mapping[str, Arrays]) -> Evaluation:
    """Return the metrics of `measure`, counted in the articles of the test part.

    Artifacts: `words` (topics, 10) best first, `eval_npmi` and `npmi` (topics,) on validation and test, `lift`
    (topics, 10), how many times as probable a word is in its topic as in the mean of all topics. Of an autoencoder
    also `shares` (topics, 4), what part of the weight of a topic the validation articles of each class hold, and
    `class_names` (4,).
    """
    wanted: Hyperparameters = run.settings
    autoencoder = wanted.model == "autoencoder"
    scores = weights["decoder.word_scores"].T if autoencoder else weights["scores"]
    validation, test = Reference(data["validation"]), Reference(data["test"])
    top = top_words(scores)
    probability = _probability(scores) if autoencoder else scores / scores.sum(axis=1, keepdims=True)
    artifacts = {
        "words": data["train"]["words"][top],
        "eval_npmi": validation.npmi(top, wanted.unseen),
        "npmi": test.npmi(top, wanted.unseen),
        "lift": np.take_along_axis(probability / probability.mean(axis=0), top, axis=1),
    }
    if autoencoder:
        artifacts["shares"] = class_shares(weights, data["validation"], wanted)
        artifacts["class_names"] = data["validation"]["class_names"]
    counts = {"test_articles": len(data["test"]["classes"])}
    return Evaluation({**measure(scores, test, wanted.unseen), **counts}, artifacts)


@torch.no_grad()
def class_shares(weights: Arrays, part: Arrays, wanted: Hyperparameters) -> np.ndarray:
    """Return what part of the weight that `part` gives to each topic its articles of each class hold, (topics, 4)."""
    with torch.random.fork_rng(devices=[]):  # what is drawn here is overwritten
        encoder = Encoder(len(part["words"]), wanted.hidden, wanted.topics)
    prefix = "encoder."
    encoder.load_state_dict(
        {name.removeprefix(prefix): torch.from_numpy(weights[name]) for name in weights if name.startswith(prefix)}
    )
    corpus = to_corpus(part)
    means = [encoder(batch)[0] for batch in corpus.batches(torch.arange(len(corpus)), wanted.batch_size)]
    theta = F.softmax(torch.cat(means), dim=1).double().numpy()  # (articles, topics)
    of_class = np.stack([theta[part["classes"] == label].sum(axis=0) for label in range(1, 5)], axis=1)
    return of_class / of_class.sum(axis=1, keepdims=True)


def _probability(scores: np.ndarray) -> np.ndarray:
    """Return eta for every one-hot theta, (topics, words): question (f)."""
    return F.softmax(torch.from_numpy(np.ascontiguousarray(scores)), dim=1).numpy()
