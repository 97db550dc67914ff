"""The figures: every configuration of each search as small multiples, and the winners' training."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from reprose import Results, VariantResults
from scripts.problems.cifar.comparisons import LINES, NETWORKS, SEARCHED, SYMBOLS

WIDTH = 4.6  # inches, the width of the text
GAP = 0.055  # of the height of a panel, at least, between two labels
PARTS = {"train_accuracy": "--", "eval_accuracy": "-"}  # history -> dashes
SHORT = {"logistic": "logistic", "hidden": "hidden layer", "convolution": "convolution", "tutorial": "tutorial"}

Trial = Mapping[str, Any]


def draw(results: Results) -> dict[str, Figure]:
    """Return a figure for each search, and one of the winners."""
    figures = {f"search_{name}": _search(results.variant(f"{name}_search"), name) for name in NETWORKS}
    return {**figures, "training": _training(results)}


def _search(search: VariantResults, name: str) -> Figure:
    """Draw the accuracies of every configuration by epoch: a panel for all settings but one, a colour for that one."""
    line = LINES[name]
    values = sorted({trial["values"][line] for trial in search.trials})
    groups: dict[tuple[Any, ...], list[Trial]] = {}
    for trial in search.trials:
        groups.setdefault(tuple(trial["values"][each] for each in SEARCHED[name] if each != line), []).append(trial)
    figure = Figure(figsize=(WIDTH, 1.55))
    panels = figure.subplots(1, len(groups), sharey=True, squeeze=False)[0]
    names = [SYMBOLS[each] for each in SEARCHED[name] if each != line]
    for axes, (settings, trials) in zip(panels, groups.items(), strict=True):
        for trial in trials:
            _curves(axes, search, trial, f"C{values.index(trial['values'][line])}")
        _title(axes, names, settings, chosen=any(trial["chosen"] for trial in trials))
    panels[0].set_ylabel("Accuracy (%)")
    lines = [Line2D([], [], color=f"C{place}") for place in range(len(values))]
    labels = [f"{SYMBOLS[line]} {value:g}" for value in values]
    lines += [Line2D([], [], color="0.4", linestyle=style) for style in PARTS.values()]
    figure.legend(lines, [*labels, "training", "validation"], loc="outside upper right", ncols=len(lines), fontsize=6.5)
    return figure


def _curves(axes: Axes, search: VariantResults, trial: Trial, colour: str) -> None:
    """Draw both accuracies of one configuration; the chosen one ends in a dot."""
    for metric, style in PARTS.items():
        curve = 100 * np.mean(
            [search.histories[f"{trial['trial']}/{seed}"][metric] for seed in trial["metrics"]], axis=0
        )
        axes.plot(np.arange(1, len(curve) + 1), curve, style, color=colour)
        if trial["chosen"] and style == "-":
            axes.plot(len(curve), curve[-1], "o", color=colour, markersize=4)


def _title(axes: Axes, names: list[str], settings: tuple[Any, ...], *, chosen: bool) -> None:
    text = "\n".join(f"{name} {value:g}" for name, value in zip(names, settings, strict=True))
    axes.set_title(text, fontsize=7, weight="bold" if chosen else "normal")
    axes.set_xlabel("Epoch")
    axes.xaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.margins(x=0.06)


def _training(results: Results) -> Figure:
    figure = Figure(figsize=(WIDTH, 2.0))
    panels = figure.subplots(1, 2, sharey=True)
    for axes, metric, title in zip(panels, PARTS, ("Training", "Validation"), strict=True):
        ends = []
        for place, (name, style) in enumerate(zip(NETWORKS, ("-", "--", "-.", "-"), strict=True)):
            curves = 100 * np.stack(list(results.variant(name).history(metric).values()))  # (seeds, epochs)
            epochs = np.arange(1, curves.shape[1] + 1)
            axes.fill_between(
                epochs, curves.min(axis=0), curves.max(axis=0), color=f"C{place}", alpha=0.25, linewidth=0
            )
            axes.plot(epochs, curves.mean(axis=0), style, color=f"C{place}")
            ends.append((curves[:, -1].mean(), SHORT[name], f"C{place}"))
        axes.set(xlabel="Epoch", title=title)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    _label_ends(panels[1], panels[1].get_xlim()[1], ends, size=7)
    panels[0].set_ylabel("Accuracy (%)")
    return figure


def _label_ends(axes: Axes, epoch: float, ends: list[tuple[float, str, str]], size: float) -> None:
    """Write each label to the right of the end of its line, moved up where the one below would touch it."""
    low, high = axes.get_ylim()
    height = -np.inf
    for value, label, colour in sorted(ends):
        height = max(value, height + GAP * size / 6 * (high - low))
        axes.annotate(
            label,
            (epoch, height),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            fontsize=size,
            annotation_clip=False,
        )
