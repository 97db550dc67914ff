"""The error on the test part, which nothing else reads."""

from collections.abc import Mapping

from reprose import Arrays, Evaluation, Run
from scripts.problems.line.model import error


def evaluate(run: Run, weights: Arrays, data: Mapping[str, Arrays]) -> Evaluation:
    """Return the mean squared error on the test part."""
    return Evaluation({"error": error(weights["weights"], data["test"], run.settings.target)})
