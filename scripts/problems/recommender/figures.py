"""The figures: errors against the rank, and both algorithms on the same loss."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator, ScalarFormatter

from reprose import Results
from scripts.problems.recommender.comparisons import (
    SAME_LOSS,
    Trial,
    find,
    mean,
    same_loss_by_rank,
    samples,
    tuned_by_rank,
)

WIDTH = 4.6  # inches, the width of the text
NAMES = {"svd": "truncated SVD", "als": "ALS", "sgd": "SGD"}
LABEL = "MSE (stars²)"
KEY = {"training": ("C1", "s--"), "test": ("C0", "o-")}
LOOKS = {"als": ("C0", "o-"), "sgd": ("C1", "s--")}


def draw(results: Results) -> dict[str, Figure]:
    """Return `by_rank`, the errors of the SVD, ALS and SGD against the rank, and `same_loss`."""
    return {"by_rank": _by_rank(results), "same_loss": _same_loss(results)}


def _by_rank(results: Results) -> Figure:
    """Draw training and test error against the rank, a panel for each question."""
    figure = Figure(figsize=(WIDTH, 1.95))
    panels = figure.subplots(1, 3)
    panels[2].sharey(panels[1])
    for axes, (name, letter) in zip(panels, (("svd", "(b)"), ("als", "(c)"), ("sgd", "(d)")), strict=True):
        trials = tuned_by_rank(find(results, name, "document"))
        for metric, look in zip(("train_error", "error"), KEY.values(), strict=True):
            _against_rank(axes, trials, metric, *look)
        _dress_ranks(axes, list(trials))
        axes.set_title(f"{letter} {NAMES[name]}")
    panels[0].set_ylabel(LABEL)
    lines = [Line2D([], [], color=colour, marker=style[0], linestyle=style[1:]) for colour, style in KEY.values()]
    figure.legend(lines, list(KEY), loc="outside upper right", ncols=len(KEY))
    return figure


def _against_rank(axes: Axes, trials: Mapping[int, Trial], metric: str, colour: str, style: str) -> None:
    """Draw the mean over seeds against the rank, with a band from the smallest to the largest."""
    ranks = list(trials)
    values = [list(samples(trial, metric).values()) for trial in trials.values()]
    means = [mean(trial, metric) for trial in trials.values()]
    axes.fill_between(ranks, list(map(min, values)), list(map(max, values)), color=colour, alpha=0.25, linewidth=0)
    axes.plot(ranks, means, style, color=colour)


def _dress_ranks(axes: Axes, ranks: Sequence[int]) -> None:
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator(ranks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.set_xlabel("Rank d")
    axes.margins(x=0.06)


def _same_loss(results: Results) -> Figure:
    """Draw the loss, the training and the test error of both algorithms against the rank, at the same lambda."""
    figure = Figure(figsize=(WIDTH, 1.85))
    panels = figure.subplots(1, 3)
    shown = (("loss", "Loss (4), thousands"), ("train_error", f"Training {LABEL}"), ("error", f"Test {LABEL}"))
    for axes, (metric, label) in zip(panels, shown, strict=True):
        for name in SAME_LOSS:
            _against_rank(axes, _scaled(same_loss_by_rank(results, name), metric), metric, *LOOKS[name])
        _dress_ranks(axes, list(same_loss_by_rank(results, "als")))
        axes.set_title(label)
        axes.yaxis.set_major_locator(MaxNLocator(4))
    lines = [Line2D([], [], color=colour, marker=style[0], linestyle=style[1:]) for colour, style in LOOKS.values()]
    figure.legend(lines, [NAMES[name] for name in LOOKS], loc="outside upper right", ncols=len(LOOKS))
    return figure


def _scaled(trials: Mapping[int, Trial], metric: str) -> dict[int, Trial]:
    """Return the trials with losses in thousands, and with this metric alone."""
    factor = 1e-3 if metric == "loss" else 1.0
    return {
        rank: {"metrics": {seed: {metric: factor * value} for seed, value in samples(trial, metric).items()}}
        for rank, trial in trials.items()
    }
