"""The figure: training and validation loss, and validation accuracy."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, StrMethodFormatter

from reprose import Results, VariantResults

WIDTH = 4.6  # inches, the width of the text
LABELS = {"frozen": "new layer", "fine_tuned": "all weights"}  # variant -> what trains
COLOURS = {"frozen": "C1", "fine_tuned": "C0"}


def draw(results: Results) -> dict[str, Figure]:
    """Return the one figure: both losses of each variant, and the validation accuracy of both."""
    figure = Figure(figsize=(WIDTH, 1.9))
    frozen, tuned, accuracy = figure.subplots(1, 3)
    for axes, name, letter in ((frozen, "frozen", "(a)"), (tuned, "fine_tuned", "(b)")):
        _losses(axes, results.variant(name), COLOURS[name])
        axes.set_title(f"{letter} {LABELS[name]}: loss")
    frozen.set_ylabel("Cross-entropy (nats)")
    _accuracies(accuracy, results)
    return {"training": figure}


def _losses(axes: Axes, variant: VariantResults, colour: str) -> None:
    for metric, part, style in (("loss", "training", "--"), ("eval_loss", "validation", "-")):
        curves = _curves(variant, metric)
        _band(axes, np.arange(1, curves.shape[1] + 1), curves, colour, style)
        axes.plot([], [], color=colour, linestyle=style, label=part)
    axes.set_yscale("log")
    axes.set(xlabel="Epoch")
    axes.yaxis.set_major_locator(LogLocator(10, subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.legend(loc="best", fontsize=6.5)


def _accuracies(axes: Axes, results: Results) -> None:
    """Draw validation accuracy against the share of training done, as the two have different epochs."""
    for (name, label), style in zip(LABELS.items(), ("--", "-"), strict=True):
        curves = 100 * _curves(results.variant(name), "eval_accuracy")
        epochs = curves.shape[1]
        _band(axes, 100 * np.arange(1, epochs + 1) / epochs, curves, COLOURS[name], style)
        axes.plot([], [], color=COLOURS[name], linestyle=style, label=label)
    axes.set(xlabel="Training done (%)", title="Validation accuracy (%)", xlim=(0, 101))
    axes.legend(loc="best", fontsize=6.5)


def _curves(variant: VariantResults, metric: str) -> np.ndarray:
    """Return the winner's history of `metric`, (seeds, epochs)."""
    return np.stack(list(variant.history(metric).values()))


def _band(axes: Axes, places: np.ndarray, curves: np.ndarray, colour: str, style: str) -> None:
    """Draw the mean over seeds as a line and their range as a band."""
    axes.plot(places, curves.mean(axis=0), color=colour, linestyle=style)
    axes.fill_between(places, curves.min(axis=0), curves.max(axis=0), color=colour, alpha=0.2, linewidth=0)
