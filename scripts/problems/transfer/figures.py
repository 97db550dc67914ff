"""The figures: training and validation loss, validation accuracy, and the test accuracy of each class."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, StrMethodFormatter

from reprose import Results, VariantResults

WIDTH = 4.6  # inches, the width of the text
LABELS = {"frozen": "new layer alone", "fine_tuned": "all weights"}  # variant -> what trains
COLOURS = {"frozen": "C1", "fine_tuned": "C0"}


def draw(results: Results) -> dict[str, Figure]:
    """Return the figures by name."""
    return {"losses": _losses(results), "accuracies": _accuracies(results), "classes": _classes(results)}


def _losses(results: Results) -> Figure:
    figure = Figure(figsize=(WIDTH, 2.1))
    for axes, name in zip(figure.subplots(1, 2), LABELS, strict=True):
        ends = {}
        for metric, part, style in (("loss", "training", "--"), ("eval_loss", "validation", "-")):
            curves = _curves(results.variant(name), metric)
            _band(axes, np.arange(1, curves.shape[1] + 1), curves, COLOURS[name], style)
            ends[part] = (curves.shape[1], curves[:, -1].mean())
        axes.set_yscale("log")
        axes.set(xlabel=f"Epoch ({LABELS[name]})", ylabel="Cross-entropy (nats)")
        axes.yaxis.set_major_locator(LogLocator(10, subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        _label_ends(axes, ends, dict.fromkeys(ends, COLOURS[name]))
    return figure


def _accuracies(results: Results) -> Figure:
    """Draw validation accuracy against the share of training done, as the two have different epochs."""
    figure = Figure(figsize=(WIDTH, 1.8))
    axes, ends, colours = figure.subplots(), {}, {}
    for name, label in LABELS.items():
        curves = _curves(results.variant(name), "eval_accuracy")
        epochs = curves.shape[1]
        _band(axes, np.arange(1, epochs + 1) / epochs, curves, COLOURS[name], "-")
        ends[f"{label},\n{epochs} epochs"] = (1, curves[:, -1].mean())
        colours[f"{label},\n{epochs} epochs"] = COLOURS[name]
    axes.set(xlabel="Share of the training done", ylabel="Validation accuracy", xlim=(0, 1.01))
    _label_ends(axes, ends, colours)
    return figure


def _classes(results: Results) -> Figure:
    """Draw the test accuracy of each class, the one that gains most from training all weights at the top."""
    figure = Figure(figsize=(WIDTH, 2.3))
    axes = figure.subplots()
    tables = {name: _by_class(results.variant(name)) for name in LABELS}  # (seeds, classes)
    gain = tables["fine_tuned"].mean(axis=0) - tables["frozen"].mean(axis=0)
    order = np.argsort(gain, kind="stable")
    rows = np.arange(len(order))
    means = {name: table.mean(axis=0)[order] for name, table in tables.items()}
    axes.hlines(rows, means["frozen"], means["fine_tuned"], color="0.75", linewidth=0.8)
    for name, mean in means.items():
        axes.plot(mean, rows, "o", color=COLOURS[name], markerfacecolor="white" if name == "frozen" else None)
    sides = sorted(LABELS, key=lambda name: means[name][-1])
    for name, (offset, side) in zip(sides, ((-6, "right"), (6, "left")), strict=True):
        place = (means[name][-1], rows[-1])
        axes.annotate(
            LABELS[name], place, (offset, 0), textcoords="offset points", ha=side, va="center", color=COLOURS[name]
        )
    names = next(iter(results.variant("frozen").artifacts.values()))["names"]
    axes.set_yticks(rows, [str(names[place]) for place in order])
    axes.margins(x=0.25, y=0.06)
    axes.set_xlabel("Test accuracy")
    return figure


def _curves(variant: VariantResults, metric: str) -> np.ndarray:
    """Return the winner's history of `metric`, (seeds, epochs)."""
    return np.stack(list(variant.history(metric).values()))


def _by_class(variant: VariantResults) -> np.ndarray:
    return np.stack([arrays["class_accuracy"] for arrays in variant.artifacts.values()])


def _band(axes: Axes, places: np.ndarray, curves: np.ndarray, colour: str, style: str) -> None:
    """Draw the mean over seeds as a line and their range as a band."""
    axes.plot(places, curves.mean(axis=0), color=colour, linestyle=style)
    axes.fill_between(places, curves.min(axis=0), curves.max(axis=0), color=colour, alpha=0.2, linewidth=0)


def _label_ends(axes: Axes, ends: dict[str, tuple[float, float]], colours: dict[str, str]) -> None:
    """Write names to the right of where two curves end, the lower one from below and the upper one from above."""
    for text, side in zip(sorted(ends, key=lambda text: ends[text][1]), ("top", "bottom"), strict=True):
        place = {"xytext": (4, 2 if side == "top" else -2), "textcoords": "offset points"}
        axes.annotate(text, ends[text], **place, va=side, color=colours[text], fontsize=7)
