"""The figures: loss and NPMI by epoch, the schedules of alpha, and all methods by the number of topics."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from reprose import Results, VariantResults, spread
from scripts.problems.topics.comparisons import METHODS, SCHEDULES, by_topics, samples

WIDTH = 4.6  # inches, the width of the text
LABELS = {
    "autoencoder": "autoencoder",
    "dropout": "with dropout",
    "lda": "LDA",
    "nmf": "NMF",
    "kmeans": "k-means",
    "logistic": "second schedule",
    "not_annealed": "1 throughout",
    "one_rate": "linear, one rate",
    "one_rate_not_annealed": "1, one rate",
}


def draw(results: Results) -> dict[str, Figure]:
    """Return one figure for each of the questions (d) and (e), and one of all methods."""
    return {"training": _training(results), "annealing": _annealing(results), "methods": _methods(results)}


def _training(results: Results) -> Figure:
    """Draw loss (left axis) and NPMI (right axis) of the first seed, and its other seeds in pale."""
    figure = Figure(figsize=(WIDTH, 2.5))
    left = figure.subplots()
    right = left.twinx()
    right.spines["right"].set_visible(True)
    variant = results.variant("autoencoder")
    first = min(variant.metrics)
    for axes, training, held_out, colour, label in (
        (left, "loss", "eval_loss", "C0", "loss"),
        (right, "train_npmi", "npmi", "C1", "NPMI"),
    ):
        for metric, line, part in ((training, "--", "training"), (held_out, "-", "validation")):
            for seed, curve in variant.history(metric).items():
                strength = 1.0 if seed == first else 0.22
                epochs = np.arange(1, len(curve) + 1)
                axes.plot(epochs, curve, line, color=colour, alpha=strength, linewidth=1.1 if seed == first else 0.7)
            own, other = (variant.history(name)[first] for name in (metric, held_out if line == "--" else training))
            _name_line(axes, own, other, f"{label}, {part}", colour)
        axes.yaxis.label.set_color(colour)
        axes.margins(y=0.14)
    left.axvline(variant.metrics[first]["epoch"], color="0.6", linewidth=0.7, linestyle=":")
    left.set(xlabel="Epoch", ylabel="Loss of question (d), per article")
    right.set_ylabel("NPMI, mean over topics")
    left.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    return figure


def _annealing(results: Results) -> Figure:
    figure = Figure(figsize=(WIDTH, 2.1))
    panels = figure.subplots(1, 3)
    for axes, metric, label in zip(
        panels,
        ("alpha", "diversity", "eval_divergence"),
        (r"Weight $\alpha$ of the KL", "Topic diversity", "KL on validation"),
        strict=True,
    ):
        for place, name in enumerate(SCHEDULES):
            _all_seeds(axes, results.variant(name), metric, f"C{place}")
        axes.set(xlabel="Epoch", ylabel=label)
        axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    panels[2].set_yscale("log")
    handles = [panels[0].plot([], [], color=f"C{place}")[0] for place in range(len(SCHEDULES))]
    names = ["linear", *(LABELS[name] for name in SCHEDULES[1:])]
    figure.legend(handles, names, loc="outside upper center", ncols=len(names), columnspacing=1.0)
    return figure


def _methods(results: Results) -> Figure:
    figure = Figure(figsize=(WIDTH, 2.4))
    left, right = figure.subplots(1, 2)
    for axes, metric, label in ((left, "npmi", "NPMI on validation"), (right, "diversity", "Topic diversity")):
        for place, name in enumerate(METHODS):
            trials = by_topics(results.variant(name))
            values = [list(samples(trial["metrics"], metric).values()) for trial in trials.values()]
            _intervals(axes, list(trials), values, f"C{place}")
        axes.set(xlabel="Number of topics $T$", ylabel=label)
        axes.set_xscale("log")
        axes.set_xticks(list(trials), [str(topics) for topics in trials])
        axes.minorticks_off()
        axes.margins(x=0.06)
    handles = [left.plot([], [], "o-", color=f"C{place}")[0] for place in range(len(METHODS))]
    figure.legend(handles, [LABELS[name] for name in METHODS], loc="outside upper center", ncols=len(METHODS))
    return figure


def _name_line(axes: Axes, curve: np.ndarray, other: np.ndarray, name: str, colour: str) -> None:
    """Write `name` beside a curve, on the side that is away from the other one."""
    place = len(curve) * 3 // 5
    above = curve[place] >= other[place]
    axes.annotate(
        name,
        (place + 1, curve[place]),
        xytext=(0, 5 if above else -5),
        textcoords="offset points",
        ha="center",
        va="bottom" if above else "top",
        color=colour,
        fontsize=7,
    )


def _all_seeds(axes: Axes, variant: VariantResults, metric: str, colour: str) -> None:
    """Draw the curve of every seed; runs end when they stop early."""
    for curve in variant.history(metric).values():
        axes.plot(np.arange(1, len(curve) + 1), curve, color=colour, linewidth=0.8, alpha=0.75)


def _intervals(axes: Axes, places: list[int], values: list[list[float]], colour: str) -> None:
    """Draw means joined by a line, each with its 95 % interval; a single value has none."""
    means = [float(np.mean(samples)) for samples in values]
    axes.plot(places, means, "o-", color=colour)
    for place, sample in zip(places, values, strict=True):
        axes.plot([place] * 2, spread(sample), color=colour, linewidth=0.8)
