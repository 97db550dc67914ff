"""The test error of a fitted line."""

from collections.abc import Mapping

from reprose import Arrays, Evaluation, Run
from scripts.problems.toy.model import loss


def evaluate(run: Run, weights: Arrays, data: Mapping[str, Arrays]) -> Evaluation:
    """Return the mean squared error on the test part."""
    return Evaluation({"error": loss(weights["weights"], data["test"])})
