"""The figure: where gradient descent ends, what a hidden layer can separate, and what one number can hold."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from reprose import Results

WIDTH = 4.6  # inches, the width of the text
GREY = "0.62"
KEY = {"loc": "lower center", "bbox_to_anchor": (0.5, 1.0), "ncols": 2, "columnspacing": 0.8, "handletextpad": 0.4}


def draw(results: Results) -> dict[str, Figure]:
    """Return the one figure: final losses of (a), and the pictures in the plane of (c) and (e)."""
    figure = Figure(figsize=(WIDTH, 1.95))
    losses, rings, spiral = figure.subplots(1, 3, width_ratios=(1.15, 1, 1))
    _losses(losses, results)
    _rings(rings, results)
    _spiral(spiral, results)
    return {"concepts": figure}


def _losses(axes: Axes, results: Results) -> None:
    """Draw where every start ends, in ascending order."""
    for name, marker, colour, label in (("nonconvex", "o", "C0", "hidden layer"), ("convex", "x", "C1", "none")):
        ends = np.sort([metrics["loss"] for metrics in results.variant(name).metrics.values()])
        axes.plot(np.arange(1, len(ends) + 1), ends, marker, color=colour, markersize=2.4, label=label)
    axes.set(xlabel="(a) start, best first", ylabel="Final squared error", ylim=(-0.02, None))
    axes.legend(**KEY)


def _rings(axes: Axes, results: Results) -> None:
    """Draw the test points of both classes, and where two networks cross one half."""
    shown = results.variant("relu").artifacts
    first = min(shown)
    for label, colour in ((0, GREY), (1, "C0")):
        points = shown[first]["points"][shown[first]["labels"] == label]
        axes.plot(*points.T, ".", color=colour, markersize=2.5)
    styles = {"relu": "-", "linear": "--"}
    for name, style in styles.items():
        made = results.variant(name).artifacts[first]
        axes.contour(made["sides"], made["sides"], made["made"], levels=[0.5], colors="C3", linestyles=style)
    lines = [Line2D([], [], color="C3", linestyle=style) for style in styles.values()]
    axes.legend(lines, ["ReLU", "linear"], **KEY)
    axes.set(aspect="equal", xticks=[], yticks=[], xlabel="(c) two classes")


def _spiral(axes: Axes, results: Results) -> None:
    """Draw the test points, and what an autoencoder and PCA rebuild from one number."""
    coded, straight = (results.variant(name).artifacts for name in ("autoencoder", "pca"))
    axes.plot(*coded[min(coded)]["points"].T, ".", color=GREY, markersize=1.5)
    axes.plot(*coded[min(coded)]["made"].T, ".", color="C0", markersize=1.5)
    axes.plot(*_ends(straight[min(straight)]["made"]).T, "--", color="C3", linewidth=1.0)
    lines = [Line2D([], [], color="C0"), Line2D([], [], color="C3", linestyle="--")]
    axes.legend(lines, ["autoencoder", "PCA"], **KEY)
    axes.set(aspect="equal", xticks=[], yticks=[], xlabel="(e) points on a spiral")


def _ends(points: np.ndarray) -> np.ndarray:
    """Return the two ends of points on a line, (2, 2)."""
    order = np.argsort(points[:, 0])
    return points[order[[0, -1]]]
