"""The figures: loss and NPMI by epoch, the schedules of alpha, and all methods by the number of topics."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from reprose import Results, VariantResults, spread
from scripts.problems.topics.comparisons import METHODS, SCHEDULES, TO_THE_END, by_topics, samples

WIDTH = 4.6  # inches, the width of the text
LABELS = {
    "autoencoder": "linear",
    "logistic_epochs": "logistic, epochs",
    "logistic_steps": "logistic, steps",
    "logistic": "as printed",
    "not_annealed": "none",
}
METHOD_LABELS = {
    "autoencoder": "autoencoder",
    "dropout": "with dropout",
    "lda": "LDA",
    "nmf": "NMF",
    "kmeans": "k-means",
}
LOOKS = (("C0", "-"), ("C1", "-"), ("C2", "--"), ("C3", ":"), ("C5", "-."))  # of the schedules
ANNEALED = {"alpha": r"Weight $\alpha$ of the KL", "diversity": "Different words", "npmi": "NPMI, validation"}
MARKS = ("o-", "s--", "^-", "D--", "v:")  # of the methods


def draw(results: Results) -> dict[str, Figure]:
    """Return one figure for each of the questions (d) and (e), and one of all methods."""
    return {"training": _training(results), "annealing": _annealing(results), "methods": _methods(results)}


def _training(results: Results) -> Figure:
    """Draw loss (left axis) and NPMI (right axis) of the first seed, and its other seeds in pale."""
    figure = Figure(figsize=(WIDTH, 2.1))
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
            axes.plot([], [], line, color=colour, label=f"{label}, {part}")
        axes.yaxis.label.set_color(colour)
        axes.margins(y=0.14)
    left.axvline(variant.metrics[first]["epoch"], color="0.6", linewidth=0.7, linestyle=":")
    left.set(xlabel="Epoch", ylabel="Loss of question (d), per article")
    right.set_ylabel("NPMI, mean over topics")
    left.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    figure.legend(loc="outside upper center", ncols=4, fontsize=6.5)
    return figure


def _annealing(results: Results) -> Figure:
    """Draw means over seeds for every schedule: a row for each rate of the decoder."""
    figure = Figure(figsize=(WIDTH, 3.0))
    panels = figure.subplots(2, 3, sharex=True, sharey="col")
    for row, rate, names in zip(panels, ("faster rate", "one rate"), (SCHEDULES, SCHEDULES.values()), strict=True):
        for axes, (metric, label) in zip(row, ANNEALED.items(), strict=True):
            for name, (colour, style) in zip(names, LOOKS, strict=True):
                _mean_curve(axes, results.variant(name), metric, colour, style)
            if rate == "faster rate":
                axes.set_title(label)
            axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        row[0].set_ylabel(rate)
    for axes in panels[1]:
        axes.set_xlabel("Epoch")
    for metric in ("diversity", "npmi"):  # the same run without early stopping
        axes = panels[1][list(ANNEALED).index(metric)]
        _mean_curve(axes, results.variant(TO_THE_END), metric, *LOOKS[-1], strength=0.45)
    lines = [Line2D([], [], color=colour, linestyle=style) for colour, style in LOOKS]
    figure.legend(
        lines, [LABELS[name] for name in SCHEDULES], loc="outside upper center", ncols=len(LOOKS), fontsize=6.5
    )
    return figure


def _methods(results: Results) -> Figure:
    figure = Figure(figsize=(WIDTH, 2.0))
    left, right = figure.subplots(1, 2)
    for axes, metric, label in ((left, "npmi", "NPMI on validation"), (right, "diversity", "Different words")):
        for place, name in enumerate(METHODS):
            trials = by_topics(results.variant(name))
            values = [list(samples(trial["metrics"], metric).values()) for trial in trials.values()]
            _intervals(axes, list(trials), values, f"C{place}", MARKS[place])
        axes.set(xlabel="Number of topics $T$", ylabel=label)
        axes.set_xscale("log")
        axes.set_xticks(list(trials), [str(topics) for topics in trials])
        axes.minorticks_off()
        axes.margins(x=0.06)
    handles = [left.plot([], [], mark, color=f"C{place}")[0] for place, mark in enumerate(MARKS)]
    figure.legend(handles, [METHOD_LABELS[name] for name in METHODS], loc="outside upper center", ncols=len(METHODS))
    return figure


def _mean_curve(
    axes: Axes, variant: VariantResults, metric: str, colour: str, style: str, strength: float = 1.0
) -> None:
    """Draw the mean over seeds by epoch, as far as all of them were trained: runs end when they stop early."""
    curves = list(variant.history(metric).values())
    shortest = min(map(len, curves))
    mean = np.mean([curve[:shortest] for curve in curves], axis=0)
    axes.plot(np.arange(1, shortest + 1), mean, color=colour, linestyle=style, alpha=strength)
    axes.plot(shortest, mean[-1], ".", color=colour, alpha=strength)


def _intervals(axes: Axes, places: list[int], values: list[list[float]], colour: str, mark: str) -> None:
    """Draw means joined by a line, each with its 95 % interval; a single value has none."""
    means = [float(np.mean(samples)) for samples in values]
    axes.plot(places, means, mark, color=colour)
    for place, sample in zip(places, values, strict=True):
        axes.plot([place] * 2, spread(sample), color=colour, linewidth=0.8)
