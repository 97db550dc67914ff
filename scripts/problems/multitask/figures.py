"""The figures: training curves for each question, and the same comparison after convergence."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator, ScalarFormatter

from reprose import Results, VariantResults, spread
from scripts.problems.multitask.comparisons import CURVES, DOCUMENT, PULLS, QUESTIONS, SHARED, converged

WIDTH = 4.6  # inches, the width of the text
LABELS = {
    "factorization_loss": "Ranking loss, training",
    "joint_loss": "Joint loss, training",
    "regression_error": "MSE, training (stars²)",
    "eval_error": "MSE, held out (stars²)",
    "eval_mrr": "MRR, held out",
}
LOGARITHMIC = {"regression_error", "eval_error"}  # they fall by a factor of ten in the first epochs
COLOURS = dict(zip(DOCUMENT, ("C0", "C1", "C2", "C3"), strict=True))


def draw(results: Results) -> dict[str, Figure]:
    """Return a figure of curves for each question, `gradients` of the tasks by the shared embeddings, and `converged`.

    The last shows test metrics beyond the documents' 200 epochs.
    """
    figures = {f"curves_{question}": _curves(results, pair) for question, pair in QUESTIONS.items()}
    return {**figures, "gradients": _gradients(results), "converged": _converged(results)}


def _curves(results: Results, pair: tuple[str, str]) -> Figure:
    figure = Figure(figsize=(WIDTH, 3.0))
    panels = figure.subplots(2, 3).ravel()
    for axes, metric in zip(panels, CURVES, strict=False):
        for name in pair:
            _curve(axes, results.variant(name), metric, COLOURS[name])
        _dress(axes, metric)
    _key(panels[-1], {name: _label(results, name, pair) for name in pair}, len(results.variant(pair[0]).metrics))
    return figure


def _curve(axes: Axes, variant: VariantResults, metric: str, colour: str) -> None:
    histories = list(variant.history(metric).values())
    shortest = min(map(len, histories))  # with early stopping, seeds differ in length
    curves = np.stack([history[:shortest] for history in histories])  # (seeds, epochs)
    epochs = np.arange(1, curves.shape[1] + 1)
    axes.fill_between(epochs, curves.min(axis=0), curves.max(axis=0), color=colour, alpha=0.25, linewidth=0)
    axes.plot(epochs, curves.mean(axis=0), color=colour)


def _dress(axes: Axes, metric: str) -> None:
    axes.set_xlabel("Epoch")
    axes.set_ylabel(LABELS[metric])
    axes.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10], integer=True))
    if metric in LOGARITHMIC:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(FixedLocator([1, 2, 5, 10]))
        axes.yaxis.set_major_formatter(ScalarFormatter())
        axes.yaxis.set_minor_locator(NullLocator())


def _key(axes: Axes, labels: dict[str, str], seeds: int) -> None:
    """Name the lines in the empty sixth panel: beside the curves there is no room."""
    axes.set_axis_off()
    for row, (name, label) in enumerate(labels.items()):
        axes.plot([0, 0.15], [0.85 - 0.2 * row] * 2, color=COLOURS[name], transform=axes.transAxes)
        axes.text(0.2, 0.85 - 0.2 * row, label, color=COLOURS[name], va="center", transform=axes.transAxes)
    note = f"line: mean of\n{seeds} seeds\nband: smallest\nto largest"
    axes.text(0.2, 0.45, note, color="0.42", fontsize=7, va="top", transform=axes.transAxes)


def _label(results: Results, name: str, pair: tuple[str, str]) -> str:
    values = [results.variant(other).values for other in pair]
    if values[0]["shared"] != values[1]["shared"]:
        return _sharing(results, name)
    return _weights(results, name)


def _sharing(results: Results, name: str) -> str:
    return "shared" if results.variant(name).values["shared"] else "separate"


def _weights(results: Results, name: str) -> str:
    values = results.variant(name).values
    return f"{values['factorization_weight']:g} : {values['regression_weight']:g}"


def _gradients(results: Results) -> Figure:
    """Draw how much harder the ratings pull than the ranking, in gradients and, dashed, in losses; and the cosine."""
    figure = Figure(figsize=(WIDTH, 2.3))
    left, right = figure.subplots(1, 2)
    for name in SHARED:
        variant, colour = results.variant(name), COLOURS[name]
        ranking, rating, cosine = (_stacked(variant, metric) for metric in PULLS)  # (seeds, epochs)
        factorization, regression = (_stacked(variant, metric) for metric in ("factorization_loss", "regression_error"))
        weights = variant.values["regression_weight"] / variant.values["factorization_weight"]
        for curve in rating / ranking:
            left.plot(_epochs(curve), curve, color=colour, linewidth=0.4)
        losses = (weights * regression / factorization).mean(axis=0)
        left.plot(_epochs(losses), losses, color=colour, linestyle=(0, (3, 2)), linewidth=0.9)
        for curve in cosine:
            right.plot(_epochs(curve), curve, color=colour, linewidth=0.4)
        ratio = (rating / ranking).max(axis=0)
        place = len(ratio) // 2
        left.annotate(_weights(results, name), (place, ratio[place]), (4, 4), textcoords="offset points", color=colour)
    left.margins(y=0.12)
    for axes, reference in ((left, 1), (right, 0)):
        axes.axhline(reference, color="0.42", linewidth=0.6)
        axes.set_xlabel("Epoch")
        axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10], integer=True))
    left.set(yscale="log", ylabel="Ratings : ranking")
    right.set(ylim=(-1, 1), ylabel="Cosine of the gradients")
    return figure


def _stacked(variant: VariantResults, metric: str) -> np.ndarray:
    return np.stack(list(variant.history(metric).values()))


def _epochs(curve: np.ndarray) -> np.ndarray:
    return np.arange(1, len(curve) + 1)


def _converged(results: Results) -> Figure:
    """Draw both metrics on the same ratings: validation part of the documents, test part of the converged variants."""
    figure = Figure(figsize=(WIDTH, 2.1))
    panels = figure.subplots(1, 2, sharey=True)
    for axes, metric, label in zip(panels, ("error", "mrr"), ("MSE (stars²)", "MRR"), strict=True):
        for row, name in enumerate(DOCUMENT):
            short, long = results.variant(name).metrics, results.variant(converged(name)).test
            _interval(axes, row - 0.12, [short[seed][metric] for seed in short], COLOURS[name], "white")
            _interval(axes, row + 0.12, [long[seed][metric] for seed in long], COLOURS[name], COLOURS[name])
        axes.set_xlabel(label)
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.grid(axis="x")
    rows = [f"{_sharing(results, name)}, {_weights(results, name)}" for name in DOCUMENT]
    panels[0].set_yticks(range(len(DOCUMENT)), rows)
    panels[0].invert_yaxis()
    steps = results.variant(DOCUMENT[0]).values["epochs"]
    names = (f"{steps} steps on all ratings", "minibatches until converged")
    keys = [_dot(panels[0], [], [], "0.42", face, name) for face, name in zip(("white", "0.42"), names, strict=True)]
    figure.legend(handles=keys, loc="outside upper right", ncols=2, handletextpad=0)
    return figure


def _interval(axes: Axes, row: float, values: list[float], colour: str, face: str) -> None:
    """Draw the mean of `values` with its spread."""
    mean = float(np.mean(values))
    axes.plot(spread(values), [row, row], color=colour, linewidth=0.8)
    _dot(axes, [mean], [row], colour, face)


def _dot(axes: Axes, x: list[float], y: list[float], colour: str, face: str, label: str = "") -> Line2D:
    style = {"markerfacecolor": face, "markeredgewidth": 0.8, "markersize": 4}
    return axes.plot(x, y, "o", color=colour, label=label, **style)[0]
