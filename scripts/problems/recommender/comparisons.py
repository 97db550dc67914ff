"""Which variants and trials the questions compare, and under which names they are printed."""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from reprose import ReproseError, Results, VariantResults

RULES = ("document", "honest", "repeated")  # how hyperparameters are chosen, and what the test ratings are
ALGORITHMS = ("means", "svd", "als", "sgd", "biased", "bayes")
TUNED = {  # algorithm -> what its grids vary, with the decimals that are printed
    "means": {},
    "svd": {"rank": 0},
    "als": {"rank": 0, "regularization": 2, "scale": 2},
    "sgd": {"rank": 0, "regularization": 2, "scale": 2, "learning_rate": 4, "batch_size": 0},
    "biased": {"rank": 0, "regularization": 2},
    "bayes": {"rank": 0},
}
BY_RANK = ("svd", "als", "sgd", "biased", "bayes")
SAME_LOSS = ("als", "sgd")  # the two algorithms that minimize the loss (4)

Trial = Mapping[str, Any]


def find(results: Results, algorithm: str, rule: str) -> VariantResults:
    """Return the results of one algorithm under one rule; the questions cannot be answered without them."""
    return results.variant(f"{algorithm}_{rule}")


def samples(trial: Trial, metric: str) -> dict[int, float]:
    """Return a metric of a trial by seed."""
    return {int(seed): metrics[metric] for seed, metrics in trial["metrics"].items()}


def mean(trial: Trial, metric: str) -> float:
    """Return the mean of a metric of a trial over its seeds."""
    values = samples(trial, metric).values()
    return math.fsum(values) / len(values)


def best(trials: Iterable[Trial], metric: str = "error") -> Trial:
    """Return the trial with the lowest mean of `metric`; of equals, the first."""
    return min(trials, key=lambda trial: mean(trial, metric))


def best_by_rank(variant: VariantResults, fits: Callable[[Trial], bool], metric: str = "error") -> dict[int, Trial]:
    """Return for every rank the best of the trials that fit, ranks in ascending order."""
    by_rank: dict[int, list[Trial]] = {}
    for trial in filter(fits, variant.trials):
        by_rank.setdefault(trial["values"]["rank"], []).append(trial)
    return {rank: best(by_rank[rank], metric) for rank in sorted(by_rank)}


def tuned_by_rank(variant: VariantResults) -> dict[int, Trial]:
    """Return for every rank the trial with the lowest error."""
    return best_by_rank(variant, lambda trial: True)


def shared_penalty(results: Results) -> float:
    """Return the largest lambda that both algorithms for the loss (4) were run with: with it, their losses are one."""
    tried = [
        {trial["values"]["regularization"] for trial in find(results, algorithm, "document").trials}
        for algorithm in SAME_LOSS
    ]
    common = set.intersection(*tried)
    if not common:
        raise ReproseError(
            f"config.yaml: problems.{results.problem}: als_document and sgd_document have no `regularization` in common"
            f" ({sorted(tried[0])} and {sorted(tried[1])}); question (e) compares them on the same loss. Add one."
        )
    return max(common)


def same_loss_by_rank(results: Results, algorithm: str) -> dict[int, Trial]:
    """Return for every rank the trial that brings the loss (4) with the shared lambda lowest."""
    penalty = shared_penalty(results)
    variant = find(results, algorithm, "document")
    return best_by_rank(variant, lambda trial: trial["values"]["regularization"] == penalty, "loss")
