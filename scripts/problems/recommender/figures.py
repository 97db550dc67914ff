"""The figures: errors against the rank, both algorithms on the same loss, and all algorithms on ten splits."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator, ScalarFormatter

from reprose import Results, spread
from scripts.problems.recommender.comparisons import (
    ALGORITHMS,
    SAME_LOSS,
    Trial,
    find,
    mean,
    same_loss_by_rank,
    samples,
    tuned_by_rank,
)

WIDTH = 4.6  # inches, the width of the text
COLOURS = {"svd": "C0", "als": "C0", "sgd": "C1"}
NAMES = {
    "means": "film means",
    "svd": "truncated SVD",
    "als": "ALS",
    "sgd": "SGD",
    "biased": "ALS with offsets",
    "bayes": "Gibbs sampling",
}
LABEL = "MSE (stars²)"


def draw(results: Results) -> dict[str, Figure]:
    """Return `svd`, `als` and `sgd` (errors against the rank), `same_loss` and `splits`."""
    by_rank = {name: _by_rank(tuned_by_rank(find(results, name, "document"))) for name in ("svd", "als", "sgd")}
    return {**by_rank, "same_loss": _same_loss(results), "splits": _splits(results)}


def _by_rank(trials: Mapping[int, Trial]) -> Figure:
    figure = Figure(figsize=(WIDTH, 1.9))
    axes = figure.subplots()
    for metric, label, style in (("train_error", "training", "o--"), ("error", "test", "o-")):
        _against_rank(axes, trials, metric, "C0" if metric == "error" else "C1", style, label)
    _dress_ranks(axes, list(trials))
    axes.set_ylabel(LABEL)
    return figure


def _against_rank(
    axes: Axes, trials: Mapping[int, Trial], metric: str, colour: str, style: str = "o-", label: str = ""
) -> None:
    """Draw the mean over seeds against the rank, with a band from the smallest to the largest, named at its end."""
    ranks = list(trials)
    values = [list(samples(trial, metric).values()) for trial in trials.values()]
    means = [mean(trial, metric) for trial in trials.values()]
    axes.fill_between(ranks, list(map(min, values)), list(map(max, values)), color=colour, alpha=0.25, linewidth=0)
    axes.plot(ranks, means, style, color=colour)
    axes.annotate(
        label, (ranks[-1], means[-1]), xytext=(5, 0), textcoords="offset points", color=colour, fontsize=7, va="center"
    )


def _dress_ranks(axes: Axes, ranks: Sequence[int]) -> None:
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator(ranks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.set_xlabel("Rank d")
    axes.set_xlim(ranks[0] * 0.9, ranks[-1] * 1.9)  # room for the names of the lines


def _same_loss(results: Results) -> Figure:
    """Draw the loss, the training and the test error of both algorithms against the rank, at the same lambda."""
    figure = Figure(figsize=(WIDTH, 1.9))
    panels = figure.subplots(1, 3)
    shown = (("loss", "Loss (4), thousands"), ("train_error", f"Training {LABEL}"), ("error", f"Test {LABEL}"))
    for axes, (metric, label) in zip(panels, shown, strict=True):
        for name in SAME_LOSS:
            trials = same_loss_by_rank(results, name)
            title = NAMES[name] if axes is panels[-1] else ""
            _against_rank(axes, _scaled(trials, metric), metric, COLOURS[name], label=title)
        _dress_ranks(axes, [1, 5, 50])
        axes.set_xlim(0.8, 220 if axes is panels[-1] else 70)  # room for the names of the lines
        axes.set_ylabel(label)
        axes.yaxis.set_major_locator(MaxNLocator(4))
    return figure


def _scaled(trials: Mapping[int, Trial], metric: str) -> dict[int, Trial]:
    """Return the trials with losses in thousands, and with this metric alone."""
    factor = 1e-3 if metric == "loss" else 1.0
    return {
        rank: {"metrics": {seed: {metric: factor * value} for seed, value in samples(trial, metric).items()}}
        for rank, trial in trials.items()
    }


def _splits(results: Results) -> Figure:
    """Draw the test error of every split, with mean and 95 % interval; the SVD is far off the scale and left out."""
    figure = Figure(figsize=(WIDTH, 1.7))
    axes = figure.subplots()
    shown = [name for name in ALGORITHMS if name != "svd"]
    for row, name in enumerate(shown):
        errors = [metrics["error"] for metrics in find(results, name, "repeated").test.values()]
        axes.plot(errors, np.full(len(errors), row + 0.18), "|", color="0.6", markersize=5)
        axes.plot(spread(errors), [row - 0.12, row - 0.12], color="C0", linewidth=1.2)
        axes.plot([np.mean(errors)], [row - 0.12], "o", color="C0")
    axes.set_yticks(range(len(shown)), [NAMES[name] for name in shown])
    axes.invert_yaxis()
    axes.set_xlabel(f"Test {LABEL}")
    axes.grid(axis="x")
    return figure
