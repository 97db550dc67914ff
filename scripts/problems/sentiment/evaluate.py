"""Evaluation of a chosen run on the test part."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from reprose import Arrays, Evaluation, Run
from scripts.problems.sentiment.hyperparameters import Hyperparameters
from scripts.problems.sentiment.model import build
from scripts.problems.sentiment.predict import measure, predict
from scripts.problems.sentiment.reviews import Reviews, to_reviews

SHOWN = 8  # random reviews that are printed, as the course's training does
SHOWN_SEED = 5  # which ones
ORDER_SEED = 1  # of the random order in which the words of every review are read once more


def evaluate(run: Run, weights: Arrays, data: Mapping[str, Arrays]) -> Evaluation:
    """Return `loss` and `accuracy` of the test part, also with the words reordered and by length; and some reviews."""
    wanted: Hyperparameters = run.settings
    test = to_reviews(data["test"])
    model = build(torch.from_numpy(data["train"]["vectors"]), wanted)
    model.load_state_dict({name: torch.from_numpy(weight) for name, weight in weights.items()})
    logits = predict(model, test, wanted)
    right = _right(logits, test)
    short = test.lengths <= test.lengths.median()
    items = {"accuracy": right, "short_accuracy": right[short], "long_accuracy": right[~short]}
    for name, reviews in (("reversed", _reversed(test)), ("shuffled", _shuffled(test))):
        items[f"{name}_accuracy"] = _right(predict(model, reviews, wanted), test)
    metrics = {**measure(logits, test.labels), "test_reviews": len(test)}
    metrics |= {name: values.double().mean().item() for name, values in items.items()}
    return Evaluation(metrics, _shown(logits, data["test"]), {name: values.numpy() for name, values in items.items()})


def _right(logits: Tensor, test: Reviews) -> Tensor:
    """Return which reviews are on the right side of even odds, (reviews,)."""
    return (logits > 0) == (test.labels == 1)


def _reversed(test: Reviews) -> Reviews:
    return Reviews(tuple(tokens.flip(0) for tokens in test.tokens), test.labels, test.lengths)


def _shuffled(test: Reviews) -> Reviews:
    generator = torch.Generator().manual_seed(ORDER_SEED)
    mixed = tuple(tokens[torch.randperm(len(tokens), generator=generator)] for tokens in test.tokens)
    return Reviews(mixed, test.labels, test.lengths)


def _shown(logits: Tensor, test: Arrays) -> Arrays:
    """Return some random reviews with their labels and the probability that the model gives to a positive one."""
    rows = np.random.default_rng(SHOWN_SEED).permutation(len(test["labels"]))[:SHOWN]
    probability = logits.double().sigmoid().numpy()
    return {"reviews": test["reviews"][rows], "labels": test["labels"][rows], "probability": probability[rows]}
