"""Evaluation of a chosen run on the test part."""

from collections.abc import Mapping

from reprose import Arrays, Evaluation, Run
from scripts.problems.recommender.predict import errors, measure
from scripts.problems.recommender.ratings import to_ratings


def evaluate(run: Run, weights: Arrays, data: Mapping[str, Arrays]) -> Evaluation:
    """Return `error` of the test part, and what films without a training rating add to it."""
    training, test = (to_ratings(data[part], run.seed) for part in ("train", "test"))
    return Evaluation(measure(weights, test, training), items={"error": errors(weights, test)})
