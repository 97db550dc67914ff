"""The figure: singular values of projections, and the errors of all methods at all ranks beside the bound."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reprose import Results

WIDTH = 4.6  # inches, the width of the text
SHOWN = (5, 10, 15)  # ranks of the projections whose singular values are drawn
TITLES = {"distinct": "distinct values", "tied": "ties in fives", "deficient": "half of them zero"}
LOOKS = {"random": ("C1", "s"), "alternating": ("C2", "^"), "svd": ("C0", "o")}
LABELS = {"random": "random", "alternating": "alternating", "svd": "SVD"}


def draw(results: Results) -> dict[str, Figure]:
    """Return the one figure."""
    figure = Figure(figsize=(WIDTH, 3.6))
    axes = figure.subplots(2, 2)
    _values(results, axes[0, 0])
    for place, spectrum in zip(axes.flat[1:], TITLES, strict=True):
        _errors(results, place, spectrum)
    _name(axes[0, 1])
    return {"low_rank": figure}


def _values(results: Results, axes: Axes) -> None:
    """Draw the singular values of the projections of three ranks, of all seeds, shifted apart."""
    histories = results.variant("distinct").histories
    for place, rank in enumerate(SHOWN):
        for name, history in histories.items():
            if name.startswith("method=random"):
                columns = len(history["bound"])
                values = history["values"].reshape(columns, -1)[rank - 1]
                axes.plot(np.arange(1, len(values) + 1), values, "o", color=f"C{place}", markersize=3.4 - 0.9 * place)
        axes.annotate(
            f"$k={rank}$",
            (rank, 0.5),
            xytext=(2, 0),
            textcoords="offset points",
            va="center",
            color=f"C{place}",
            fontsize=7,
        )
        axes.plot([rank, rank + 1], [1, 0], color=f"C{place}", linewidth=0.6)
    axes.set(xlabel="Index", ylabel="Singular value of $\\Pi$", ylim=(-0.08, 1.12))


def _errors(results: Results, axes: Axes, spectrum: str) -> None:
    """Draw the mean error of every method over seeds against the rank, and the bound as a line."""
    histories = results.variant(spectrum).histories
    bound = next(iter(histories.values()))["bound"]
    ranks = np.arange(1, len(bound) + 1)
    axes.plot(ranks, bound, color="0.3", linewidth=0.8)
    for method, (colour, marker) in LOOKS.items():
        errors = np.stack(
            [arrays["error"] for name, arrays in histories.items() if name.startswith(f"method={method}/")]
        )
        axes.plot(ranks, errors.mean(axis=0), marker, color=colour, markersize=2.6, linestyle="none")
    axes.annotate(
        TITLES[spectrum], (0.96, 0.93), xycoords="axes fraction", ha="right", va="top", fontsize=7, color="0.42"
    )
    axes.set(xlabel="Rank $k$", ylabel="Share of squared norm", ylim=(-0.05, 1.05))


def _name(axes: Axes) -> None:
    """Name the three methods at their marks, once."""
    for place, (method, (colour, marker)) in enumerate(LOOKS.items()):
        height = 0.46 - 0.1 * place
        axes.plot(0.45, height, marker, color=colour, markersize=2.6, transform=axes.transAxes)
        axes.annotate(LABELS[method], (0.49, height), xycoords="axes fraction", va="center", color=colour, fontsize=7)
