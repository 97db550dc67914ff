"""The numbers that the handout may print."""

from collections.abc import Callable

import numpy as np

from reprose import Number, Results, VariantResults, constant, measured
from scripts.problems.multitask.comparisons import CURVES, DOCUMENT, PULLS, SHARED, converged
from scripts.problems.multitask.smoothing import smooth

DIGITS = 4  # decimals that the documents print
BETTER = {"eval_mrr": "higher", "mrr": "higher"}  # of all others, lower is better
READINGS: dict[str, Callable[[np.ndarray], float]] = {
    "first": lambda curve: float(curve[0]),
    "raw": lambda curve: float(curve[-1]),
    "smoothed": lambda curve: float(smooth(curve)[-1]),
}
RATIO = 2  # decimals of a ratio of gradients, and of a cosine
COUNTS = ("training_ratings", "held_out_ratings", "users", "items")
SETTINGS = {"rank": 0, "hidden": 0, "epochs": 0, "learning_rate": 3}  # shared by the documents' variants -> digits
TUNED = {"learning_rate": 3, "weight_decay": 6, "batch_size": 0, "patience": 0}  # of a converged variant -> digits


def summarize(results: Results) -> list[Number]:
    """Return the numbers of all variants, in the documents' order."""
    numbers = _constants(results)
    for name in DOCUMENT:
        numbers += _from_curves(results, name)
        numbers += _from_test(results, converged(name))
    for name in SHARED:
        numbers += _from_pulls(results, name)
    return numbers + _from_courses(results)


def _constants(results: Results) -> list[Number]:
    first = results.variant(DOCUMENT[0])
    source = f"{results.problem}/{DOCUMENT[0]}/choose"
    counts = next(iter(first.metrics.values()))
    found = [constant(name, counts[name], 0, source) for name in COUNTS]
    found += [constant(name, first.values[name], digits, source) for name, digits in SETTINGS.items()]
    return [*found, constant("seeds", len(first.metrics), 0, source)]


def _from_curves(results: Results, name: str) -> list[Number]:
    """Return each metric of the documents after the first and the last epoch, and its smoothed last value."""
    variant = results.variant(name)
    source = f"{results.problem}/{name}/choose"
    numbers = _settings(name, variant, {"factorization_weight": 2, "regression_weight": 2}, source)
    for metric in CURVES:
        curves = variant.history(metric)
        for reading, read in READINGS.items():
            samples = {seed: read(curve) for seed, curve in curves.items()}
            better = BETTER.get(metric, "lower")
            numbers.append(measured(f"{name}.{metric}.{reading}", samples, DIGITS, better, source))
    return numbers


def _from_pulls(results: Results, name: str) -> list[Number]:
    """Return how much harder the ratings pull at the shared embeddings than the ranking, when, and in which direction.

    `gradient_leads` counts the epochs in which they pull harder. The cosine is a mean over a quarter of the training.
    """
    variant = results.variant(name)
    source = f"{results.problem}/{name}/choose"
    ranking, rating, cosines = (variant.history(metric) for metric in PULLS)
    ratios = {seed: rating[seed] / ranking[seed] for seed in ranking}
    epochs = variant.values["epochs"]
    numbers = []
    for reading, place in {"first": 0, "quarter": epochs // 4, "half": epochs // 2, "last": -1}.items():
        samples = {seed: float(ratio[place]) for seed, ratio in ratios.items()}
        numbers.append(measured(f"{name}.gradient_ratio.{reading}", samples, RATIO, "", source))
    for reading, part in {"early": slice(epochs // 4), "late": slice(-(epochs // 4), None)}.items():
        samples = {seed: float(cosine[part].mean()) for seed, cosine in cosines.items()}
        numbers.append(measured(f"{name}.gradient_cosine.{reading}", samples, RATIO, "", source))
    leads = {seed: float((ratio > 1).sum()) for seed, ratio in ratios.items()}
    numbers.append(measured(f"{name}.gradient_leads", leads, 0, "", source, "steps"))
    weights = variant.values["regression_weight"] / variant.values["factorization_weight"]
    losses = variant.history("regression_error"), variant.history("factorization_loss")
    for reading, place in {"first": 0, "last": -1}.items():
        samples = {seed: float(weights * losses[0][seed][place] / losses[1][seed][place]) for seed in losses[0]}
        numbers.append(measured(f"{name}.loss_ratio.{reading}", samples, RATIO, "", source))
    return numbers


def _from_courses(results: Results) -> list[Number]:
    """Return in how many epochs a curve of one model rises, or lies above the same curve of another model."""
    numbers = []
    for name in SHARED:
        curves = results.variant(name).history("regression_error")
        rises = {seed: float((np.diff(curve) > 0).sum()) for seed, curve in curves.items()}
        source = f"{results.problem}/{name}/choose"
        numbers.append(measured(f"{name}.regression_error.rises", rises, 0, "lower", source, "epochs"))
    for metric, side, other in (
        ("factorization_loss", "below", "separate_ranking"),
        ("factorization_loss", "above", "shared_balanced"),
        ("regression_error", "above", "shared_balanced"),
    ):
        ours, theirs = results.variant(SHARED[0]).history(metric), results.variant(other).history(metric)
        apart = {seed: ours[seed] - theirs[seed] for seed in ours if seed in theirs}
        counts = {seed: float((gap > 0 if side == "above" else gap < 0).sum()) for seed, gap in apart.items()}
        key = f"{SHARED[0]}.{metric}.{side}_{other}"
        numbers.append(measured(key, counts, 0, "", f"{results.problem}/{SHARED[0]}/choose", "epochs"))
    return numbers


def _from_test(results: Results, name: str) -> list[Number]:
    """Return the test metrics of the winning trial, and the epoch whose weights it kept."""
    variant = results.variant(name)
    chosen, tested = (f"{results.problem}/{name}/{rule}" for rule in ("choose", "evaluate"))
    numbers = _settings(name, variant, TUNED, chosen)
    for metric in ("error", "mrr"):
        samples = {seed: metrics[metric] for seed, metrics in variant.test.items()}
        better = BETTER.get(metric, "lower")
        numbers.append(measured(f"{name}.test_{metric}", samples, DIGITS, better, tested, mean_of=metric))
    epochs = {seed: metrics["epochs"] for seed, metrics in variant.metrics.items()}
    return [*numbers, measured(f"{name}.epochs", epochs, 0, "", chosen, "epochs")]


def _settings(name: str, variant: VariantResults, digits: dict[str, int], source: str) -> list[Number]:
    parameters = next(iter(variant.metrics.values()))["parameters"]
    found = [constant(f"{name}.{key}", variant.values[key], places, source) for key, places in digits.items()]
    return [*found, constant(f"{name}.parameters", parameters, 0, source)]
