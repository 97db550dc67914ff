"""The test error of a line."""

from collections.abc import Mapping

from scripts.problems.p0.model import test_error

from reprose import Arrays, Evaluation, Run


def evaluate(run: Run, weights: Arrays, data: Mapping[str, Arrays]) -> Evaluation:
    """Return the mean absolute error on the test part."""
    return Evaluation({"error": test_error(weights["weights"], data["test"])})
