"""The figure: losses during training."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from reprose import Results
from scripts.problems.sentiment.comparisons import NETWORKS

WIDTH = 4.6  # inches, the width of the text


def draw(results: Results) -> dict[str, Figure]:
    """Return the one figure."""
    return {"training": _training(results)}


def _training(results: Results) -> Figure:
    figure = Figure(figsize=(WIDTH, 1.9))
    panels = figure.subplots(1, len(NETWORKS), sharey=True)
    for panel, (name, label) in zip(panels, NETWORKS.items(), strict=True):
        variant = results.variant(name)
        for colour, style, metric in (("C0", "--", "train_loss"), ("C1", "-", "loss")):
            for seed, curve in variant.history(metric).items():
                _curve(panel, curve, int(variant.metrics[seed]["best_epoch"]), colour, style)
        panel.set_title(label)
        panel.set_xlabel("Epoch")
        panel.xaxis.set_major_locator(MaxNLocator(3, integer=True))
        panel.set_xlim(0.7, None)
    panels[0].set_ylabel("Binary cross-entropy")
    named = [
        Line2D([], [], color="C0", linestyle="--", label="training"),
        Line2D([], [], color="C1", label="validation"),
    ]
    figure.legend(handles=named, loc="outside upper right", ncols=2)
    return figure


def _curve(axes: Axes, curve: np.ndarray, best: int, colour: str, style: str) -> None:
    epochs = np.arange(1, len(curve) + 1)
    axes.plot(epochs, curve, style, color=colour, linewidth=0.8, alpha=0.8)
    axes.plot(best, curve[best - 1], "o", color=colour, markersize=2.5)
