"""The figures: the search over k, the two objectives, the penalty, and all models on the test part."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from reprose import Results, VariantResults, spread
from scripts.problems.student.comparisons import best_of_size, by_seed, longest_curves

WIDTH = 4.6  # inches, the width of the text
REFERENCE = "0.42"  # grey of the lines that are held against
MODELS = {  # variant -> label, from the bottom of the figure to its top
    "improved": "Bayesian model (ours)",
    "regularized": "autoencoder with penalty",
    "tuned": "autoencoder, tuned",
    "document": "autoencoder, as printed",
    "document_last": "autoencoder, largest $k$",
}


def draw(results: Results) -> dict[str, Figure]:
    """Return one figure for each of the questions (c), (d) and (e), and one of test accuracies."""
    return {
        "search": _search(results),
        "objectives": _objectives(results),
        "penalty": _penalty(results),
        "models": _models(results),
    }


def _search(results: Results) -> Figure:
    figure = Figure(figsize=(WIDTH, 2.3))
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    search = results.variant("search")
    best = list(best_of_size(search))
    for place, trial in enumerate(best):
        curve = longest_curves(search, trial, "eval_accuracy").mean(axis=0)
        left.plot(np.arange(1, len(curve) + 1), curve, color=f"C{place}")
        accuracies = list(by_seed(trial["metrics"], "accuracy").values())
        _interval(right, accuracies, place, f"C{place}", vertical=True)
        left.plot(trial["values"]["epochs"], trial["mean"], "o", color=f"C{place}", markersize=3.5)
    _references(results, left)
    bottom = next(iter(search.metrics.values()))["majority"] - 0.015  # the first epochs may lie far below
    left.set(xlabel="Epoch", ylabel="Validation accuracy", ylim=(bottom, None))
    right.set(xlabel="Hidden units $k$", ylabel="At the dot")
    right.set_xticks(range(len(best)), [str(trial["values"]["hidden"]) for trial in best])
    right.set_xlim(-0.5, len(best) - 0.5)
    return figure


def _objectives(results: Results) -> Figure:
    figure = Figure(figsize=(WIDTH, 2.1))
    left, right = figure.subplots(1, 2)
    tuned = results.variant("tuned")
    facts = next(iter(tuned.metrics.values()))
    answers = {"cost": facts["training_answers"], "eval_cost": facts["validation_answers"]}
    for place, (metric, label) in enumerate((("cost", "training"), ("eval_cost", "validation"))):
        curves = _curves(tuned, metric) / answers[metric]
        _band(left, curves, f"C{place}")
        left.annotate(
            label,
            (curves.shape[1], curves[:, -1].mean()),
            xytext=(0, 6) if place else (-24, 4),
            textcoords="offset points",
            ha="right",
            color=f"C{place}",
        )
    _band(right, _curves(tuned, "eval_accuracy"), "C1")
    _references(results, right)
    left.set(xlabel="Epoch", ylabel="Squared error per answer")
    right.set(xlabel="Epoch", ylabel="Validation accuracy")
    for axes in (left, right):
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    return figure


def _penalty(results: Results) -> Figure:
    figure = Figure(figsize=(WIDTH, 2.1))
    left, right = figure.subplots(1, 2)
    trials, plain = results.variant("regularized").trials, results.variant("tuned")
    tables = [plain.metrics, *(trial["metrics"] for trial in trials)]
    for axes, metric, label in (
        (left, "accuracy", "Validation accuracy"),
        (right, "squared_weights", "Sum of squared weights"),
    ):
        for place, table in enumerate(tables):
            _interval(axes, list(by_seed(table, metric).values()), place, "C0" if place else "C1", vertical=True)
        axes.set_xticks(range(len(tables)), ["0", *(f"{trial['values']['penalty']:g}" for trial in trials)])
        axes.set_xlim(-0.5, len(tables) - 0.5)
        axes.set(xlabel=r"Penalty $\lambda$", ylabel=label)
    right.set_yscale("log")
    _references(results, left)
    return figure


def _models(results: Results) -> Figure:
    figure = Figure(figsize=(WIDTH, 2.0))
    axes = figure.subplots()
    for place, name in enumerate(MODELS):
        variant = results.variant(name)
        for accuracies, row, face in ((variant.metrics, place + 0.13, "white"), (variant.test, place - 0.13, "C0")):
            _interval(axes, list(by_seed(accuracies, "accuracy").values()), row, "C0", vertical=False, face=face)
    test = next(iter(results.variant("rasch").test.values()))
    axes.axvline(test["accuracy"], color=REFERENCE, linewidth=0.8, linestyle="--")
    axes.annotate(
        "one-parameter model",
        (test["accuracy"], len(MODELS) - 0.55),
        xytext=(-3, 0),
        textcoords="offset points",
        ha="right",
        va="center",
        color=REFERENCE,
        fontsize=7,
    )
    axes.set_yticks(range(len(MODELS)), MODELS.values())
    axes.set_ylim(-0.5, len(MODELS) - 0.2)
    axes.set_xlabel("Accuracy")
    return figure


def _references(results: Results, axes: Axes) -> None:
    """Draw the validation accuracy of the majority and of item response theory as lines, named at the right."""
    metrics = next(iter(results.variant("rasch").metrics.values()))
    for name, value in (("majority", metrics["majority"]), ("one-parameter model", metrics["accuracy"])):
        axes.axhline(value, color=REFERENCE, linewidth=0.8, linestyle="--")
        axes.annotate(
            name,
            (0.98, value),
            xycoords=("axes fraction", "data"),
            xytext=(0, 2),
            textcoords="offset points",
            ha="right",
            color=REFERENCE,
            fontsize=7,
        )


def _curves(variant: VariantResults, metric: str) -> np.ndarray:
    return np.stack(list(variant.history(metric).values()))  # (seeds, epochs)


def _band(axes: Axes, curves: np.ndarray, colour: str) -> None:
    epochs = np.arange(1, curves.shape[1] + 1)
    axes.fill_between(epochs, curves.min(axis=0), curves.max(axis=0), color=colour, alpha=0.25, linewidth=0)
    axes.plot(epochs, curves.mean(axis=0), color=colour)


def _interval(
    axes: Axes, values: list[float], place: float, colour: str, vertical: bool, face: str | None = None
) -> None:
    """Draw the mean of `values` with its spread."""
    ends = spread(values)
    mean = float(np.mean(values))
    line, point = ((([place] * 2), ends), ([place], [mean])) if vertical else ((ends, [place] * 2), ([mean], [place]))
    axes.plot(*line, color=colour, linewidth=0.8)
    axes.plot(*point, "o", color=colour, markerfacecolor=face or colour, markeredgewidth=0.8, markersize=4)
