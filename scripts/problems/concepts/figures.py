"""The figure: where gradient descent ends, what a hidden layer can separate, and what one number can hold."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reprose import Results

WIDTH = 4.6  # inches, the width of the text
GREY = "0.62"


def draw(results: Results) -> dict[str, Figure]:
    """Return the loss curves of (a), and the pictures in the plane of (c) and (e)."""
    return {"losses": _losses(results), "plane": _plane(results)}


def _losses(results: Results) -> Figure:
    figure = Figure(figsize=(WIDTH, 1.9))
    left, right = figure.subplots(1, 2, sharey=True)
    for axes, name in ((left, "nonconvex"), (right, "convex")):
        steps = results.variant(name).history("step")
        for seed, curve in results.variant(name).history("loss").items():
            axes.plot(steps[seed], curve, color="C0", linewidth=0.7, alpha=0.6)
        axes.set(xscale="log", xlabel="Step")
    _label(left, "a hidden layer")
    _label(right, "no hidden layer")
    left.set(ylabel="Squared error", ylim=(-0.02, None))
    return figure


def _plane(results: Results) -> Figure:
    figure = Figure(figsize=(WIDTH, 2.2))
    axes = figure.subplots(1, 2)
    shown = results.variant("relu").artifacts
    first = min(shown)
    _points(axes[0], shown[first]["points"], shown[first]["labels"])
    for name, style in (("relu", "-"), ("linear", "--")):
        made = results.variant(name).artifacts[first]
        axes[0].contour(made["sides"], made["sides"], made["made"], levels=[0.5], colors="C3", linestyles=style)
    coded, straight = (results.variant(name).artifacts for name in ("autoencoder", "pca"))
    axes[1].plot(*coded[min(coded)]["points"].T, ".", color=GREY, markersize=1.5)
    axes[1].plot(*coded[min(coded)]["made"].T, ".", color="C0", markersize=1.5)
    axes[1].plot(*_ends(straight[min(straight)]["made"]).T, "--", color="C3", linewidth=1.0)
    for each in axes:
        each.set(aspect="equal", xticks=[], yticks=[])
    return figure


def _points(axes: Axes, points: np.ndarray, labels: np.ndarray) -> None:
    for label, colour in ((0, GREY), (1, "C0")):
        axes.plot(*points[labels == label].T, ".", color=colour, markersize=2.5)


def _ends(points: np.ndarray) -> np.ndarray:
    """Return the two ends of points on a line, (2, 2)."""
    order = np.argsort(points[:, 0])
    return points[order[[0, -1]]]


def _label(axes: Axes, text: str) -> None:
    axes.annotate(text, (0.97, 0.93), xycoords="axes fraction", ha="right", color="0.42", fontsize=8)
