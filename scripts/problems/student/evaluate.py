"""Evaluation of a chosen run on the test part."""

from collections.abc import Mapping

import torch
from torch import Tensor

from reprose import Arrays, Evaluation, Run
from scripts.problems.student import rasch, traits
from scripts.problems.student.answers import Answers, to_answers
from scripts.problems.student.measure import THRESHOLD, majority, measure
from scripts.problems.student.stack import Stack, predict


def evaluate(run: Run, weights: Arrays, data: Mapping[str, Arrays]) -> Evaluation:
    """Return `accuracy`, `cost` and the `majority` of the test part, predicted from the training rows alone."""
    training, test = (to_answers(data[part], "cpu") for part in ("train", "test"))
    trained = {name: torch.from_numpy(weight) for name, weight in weights.items()}
    probability = _probability(run.settings.model, trained, training, test)
    metrics = {**measure(probability, test), "majority": majority(training, test), "test_answers": len(test)}
    right = (probability >= THRESHOLD) == (test.correct == 1)
    return Evaluation(metrics, items={"accuracy": right.numpy()})


def _probability(model: str, weights: dict[str, Tensor], training: Answers, test: Answers) -> Tensor:
    if model == "rasch":
        return rasch.probability(weights, test)
    if model == "traits":
        return traits.probability(weights, test)
    one = torch.ones(1, 1, 1)
    alone = {name: weight[:, None] for name, weight in weights.items()}  # a stack of one replica
    stack = Stack(**alone, learning_rate=one, penalty=one, scale=one)
    return predict(stack, training.rows(), test)[0]
