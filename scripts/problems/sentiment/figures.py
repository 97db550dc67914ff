"""The figures: losses and accuracies during training, and what was reached under both rules."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from reprose import Results, spread
from scripts.problems.sentiment.comparisons import MIXED, NETWORKS, by_seed

WIDTH = 4.6  # inches, the width of the text
SHIFT = 0.14  # rows of a figure between two rules


def draw(results: Results) -> dict[str, Figure]:
    """Return the figure of training and the figure of accuracies."""
    return {"training": _training(results), "accuracies": _accuracies(results)}


def _training(results: Results) -> Figure:
    figure = Figure(figsize=(WIDTH, 2.3))
    panels = figure.subplots(1, len(NETWORKS), sharey=True)
    for panel, (name, label) in zip(panels, NETWORKS.items(), strict=True):
        variant = results.variant(name)
        for colour, metric in (("C0", "train_loss"), ("C1", "loss")):
            for seed, curve in variant.history(metric).items():
                _curve(panel, curve, int(variant.metrics[seed]["best_epoch"]), colour)
        panel.set_title(label)
        panel.set_xlabel("Epoch")
        panel.xaxis.set_major_locator(MaxNLocator(3, integer=True))
        panel.set_xlim(0.7, None)
    panels[0].set_ylabel("Binary cross-entropy")
    named = [Line2D([], [], color=colour, label=label) for colour, label in (("C0", "training"), ("C1", "validation"))]
    figure.legend(handles=named, loc="outside upper right", ncols=2)
    return figure


def _curve(axes: Axes, curve: np.ndarray, best: int, colour: str) -> None:
    epochs = np.arange(1, len(curve) + 1)
    axes.plot(epochs, curve, color=colour, linewidth=0.8, alpha=0.8)
    axes.plot(best, curve[best - 1], "o", color=colour, markersize=2.5)


def _accuracies(results: Results) -> Figure:
    figure = Figure(figsize=(WIDTH, 2.2))
    axes = figure.subplots()
    labels = {**NETWORKS, **MIXED}
    for row, name in enumerate(reversed(labels)):
        tested = name in NETWORKS
        _interval(axes, results.variant(name).metrics, row + SHIFT * tested, "white")
        if tested:
            _interval(axes, results.variant(f"{name}_honest").test, row - SHIFT, "C0")
    axes.set_yticks(range(len(labels)), list(reversed(labels.values())))
    axes.set_ylim(-0.5, len(labels) - 0.5)
    axes.set_xlabel("Accuracy on dev.tsv")
    return figure


def _interval(axes: Axes, metrics: dict[int, dict[str, float]], row: float, face: str) -> None:
    """Draw the mean accuracy with its spread."""
    values = list(by_seed(metrics, "accuracy").values())
    axes.plot(spread(values), [row, row], color="C0", linewidth=0.8)
    axes.plot(np.mean(values), row, "o", color="C0", markerfacecolor=face, markeredgewidth=0.8, markersize=4)
