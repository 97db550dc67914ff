"""The figures of a problem that draws none itself: how its training went, and what the columns of its views hold."""

import math
from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from reprose.numbers.columns import of_numbers
from reprose.training.contract import Arrays, Results

ACROSS, MOST = 4, 12  # histograms in a row, and in a figure
HEIGHT = 1.5  # inches of a row


def draw(results: Results, select: Mapping[str, str]) -> dict[str, Figure]:
    """Return the figure "curves", if there are histories, and "VIEW_columns" of each view that has columns of numbers.

    The curves are those of the metric that `select` names, epoch after epoch, of each variant's winner, the mean over
    its seeds as far as all of them went.
    """
    made = {f"{name}_columns": _columns(parts["train"]) for name, parts in results.views.items()}
    found = {"curves": _curves(results, select["metric"]) if select else None, **made}
    return {name: figure for name, figure in found.items() if figure}


def _curves(results: Results, metric: str) -> Figure | None:
    curves = {}
    for name, variant in results.variants.items():
        if all(metric in history for history in variant.histories.values()):
            histories = variant.history(metric).values()
            length = min(map(len, histories), default=0)
            if length > 1:
                curves[name] = np.mean([history[:length] for history in histories], axis=0)  # (epochs,)
    if not curves:
        return None
    figure, axes = plt.subplots()
    for name, curve in curves.items():
        axes.plot(np.arange(1, len(curve) + 1), curve, label=name)
    axes.set(xlabel="epoch", ylabel=f"validation {metric}")
    axes.legend()
    return figure


def _columns(part: Arrays) -> Figure | None:
    columns = list(of_numbers(part).items())[:MOST]
    if not columns:
        return None
    across, rows = min(len(columns), ACROSS), math.ceil(len(columns) / ACROSS)
    width = plt.rcParams["figure.figsize"][0]
    figure, places = plt.subplots(rows, across, squeeze=False, figsize=(width, HEIGHT * rows), sharey=True)
    for axes in places.flat[len(columns) :]:
        axes.set_visible(False)
    for axes, (name, values) in zip(places.flat, columns, strict=False):
        axes.hist(values)
        axes.set_xlabel(name)
    for axes in places[:, 0]:
        axes.set_ylabel("rows")
    return figure
