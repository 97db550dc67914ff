"""The figure: the errors of all methods at all ranks beside the bound."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from reprose import Results

WIDTH = 4.6  # inches, the width of the text
TITLES = {"distinct": "distinct values", "tied": "ties in fives", "deficient": "half of them zero"}
LOOKS = {"random": ("C1", "s"), "alternating": ("C2", "^"), "svd": ("C0", "o")}
LABELS = {"random": "random", "alternating": "alternating", "svd": "SVD"}


def draw(results: Results) -> dict[str, Figure]:
    """Return the one figure."""
    figure = Figure(figsize=(WIDTH, 1.8))
    panels = figure.subplots(1, 3, sharey=True)
    for axes, spectrum in zip(panels, TITLES, strict=True):
        _errors(results, axes, spectrum)
    panels[0].set_ylabel("Share of squared norm")
    marks = [Line2D([], [], color=colour, marker=marker, linestyle="none") for colour, marker in LOOKS.values()]
    labels = [LABELS[method] for method in LOOKS]
    figure.legend([*marks, Line2D([], [], color="0.3")], [*labels, "bound"], loc="outside upper right", ncols=4)
    return {"low_rank": figure}


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
    axes.set(title=TITLES[spectrum], xlabel="Rank $k$", ylim=(-0.05, 1.05))
