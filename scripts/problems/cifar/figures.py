"""The figures: every configuration of each search, the winners' training, their confusions and their filters."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from reprose import Results, VariantResults
from scripts.problems.cifar.comparisons import NETWORKS, first_seed

CHOSEN, OTHER = {"color": "C1", "linewidth": 1.6, "zorder": 3}, {"color": "C0", "alpha": 0.55}
WIDTH = 4.6  # inches, the width of the text
GAP = 0.055  # of the height of a panel, at least, between two labels
FILTERS = 32  # of a convolution that are shown, at most
PARTS = (("train_accuracy", "eval_accuracy"), ("Training", "Validation"))  # metrics and titles of two panels
SHORT = {"logistic": "logistic", "hidden": "hidden layer", "convolution": "convolution", "tutorial": "tutorial"}


def draw(results: Results) -> dict[str, Figure]:
    """Return a figure for each search and each network's first layer, one of the winners and one of confusions."""
    figures = {f"search_{name}": _search(results.variant(f"{name}_search")) for name in NETWORKS}
    tutorial = results.variant("tutorial")
    return {
        **figures,
        "training": _training(results),
        "confusion": _confusion(tutorial),
        "templates": _templates(results.variant("logistic")),
        "filters": _filters(results),
    }


def _search(search: VariantResults) -> Figure:
    """Draw the accuracies of every configuration by epoch; a line's number is its row in the table."""
    figure = Figure(figsize=(WIDTH, 1.9))
    panels = figure.subplots(1, 2, sharey=True)
    for axes, metric, title in zip(
        panels, ("train_accuracy", "eval_accuracy"), ("Training", "Validation"), strict=True
    ):
        ends = []
        for place, trial in enumerate(search.trials):
            curves = [search.histories[f"{trial['trial']}/{seed}"][metric] for seed in trial["metrics"]]
            curve = np.mean(curves, axis=0)
            style = (
                {"color": "C1", "linewidth": 1.6, "zorder": 3} if trial["chosen"] else {"color": "C0", "alpha": 0.55}
            )
            axes.plot(np.arange(1, len(curve) + 1), curve, **style)
            ends.append((curve[-1], str(place + 1), "C1" if trial["chosen"] else "C0"))
        axes.set(xlabel="Epoch", title=title)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlim(0.8, 1.08 * len(curve))
        _label_ends(axes, len(curve), ends, size=6)
    panels[0].set_ylabel("Accuracy")
    return figure


def _training(results: Results) -> Figure:
    figure = Figure(figsize=(WIDTH, 2.3))
    panels = figure.subplots(1, 2, sharey=True)
    for axes, metric, title in zip(
        panels, ("train_accuracy", "eval_accuracy"), ("Training", "Validation"), strict=True
    ):
        ends = []
        for place, name in enumerate(NETWORKS):
            curves = np.stack(list(results.variant(name).history(metric).values()))  # (seeds, epochs)
            epochs = np.arange(1, curves.shape[1] + 1)
            axes.fill_between(
                epochs, curves.min(axis=0), curves.max(axis=0), color=f"C{place}", alpha=0.25, linewidth=0
            )
            axes.plot(epochs, curves.mean(axis=0), color=f"C{place}")
            ends.append((curves[:, -1].mean(), SHORT[name], f"C{place}"))
        axes.set(xlabel="Epoch", title=title)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    _label_ends(panels[1], panels[1].get_xlim()[1], ends, size=7)
    panels[0].set_ylabel("Accuracy")
    return figure


def _confusion(variant: VariantResults) -> Figure:
    """Draw the share of each true class that is predicted as each class, over all seeds."""
    total = np.sum([arrays["confusion"] for arrays in variant.artifacts.values()], axis=0)
    share = 100 * total / total.sum(axis=1, keepdims=True)
    names = variant.artifacts[first_seed(variant)]["names"].tolist()
    figure = Figure(figsize=(WIDTH, 3.6))
    axes = figure.subplots()
    wrong = np.where(np.eye(10, dtype=bool), np.nan, share)
    axes.imshow(wrong, cmap="Oranges", vmin=0, vmax=max(20.0, float(np.nanmax(wrong))))
    for row, column in np.ndindex(share.shape):
        weight = "bold" if row == column else "normal"
        axes.text(column, row, f"{share[row, column]:.0f}", ha="center", va="center", fontsize=6.5, weight=weight)
    axes.set_xticks(range(10), names, rotation=40, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(10), names)
    axes.set(xlabel="Predicted class", ylabel="True class")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return figure


def _templates(logistic: VariantResults) -> Figure:
    """Draw the weights of each class as an image; grey is 0, and each channel shows its own weights."""
    arrays = logistic.artifacts[first_seed(logistic)]
    figure = Figure(figsize=(WIDTH, 2.15))
    for axes, weights, name in zip(figure.subplots(2, 5).flat, arrays["filters"], arrays["names"], strict=True):
        _image(axes, _stretched(_smoothed(weights)))
        axes.set_title(name, fontsize=7, loc="center", pad=2)
    return figure


def _filters(results: Results) -> Figure:
    """Draw filters of both convolutional networks, in rows of sixteen, the largest first."""
    figure = Figure(figsize=(WIDTH, 1.75))
    upper, lower = figure.subfigures(2, 1, hspace=0.08)
    for part, name in ((upper, "convolution"), (lower, "tutorial")):
        variant = results.variant(name)
        filters = variant.artifacts[first_seed(variant)]["filters"]
        largest = np.argsort(-np.square(filters).sum(axis=(1, 2, 3)))[:FILTERS]
        panels = part.subplots(2, 16, gridspec_kw={"wspace": 0.05, "hspace": 0.05})
        for axes in panels.flat:
            axes.axis("off")
        for axes, weights in zip(panels.flat, filters[largest], strict=False):
            _image(axes, _stretched(weights))
        part.suptitle(f"{SHORT[name]}, first layer", fontsize=7, x=0.01, ha="left")
    return figure


def _stretched(weights: np.ndarray) -> np.ndarray:
    """Return weights as colours from 0 to 1, with 0 in the middle."""
    return np.clip(0.5 + weights / (2 * np.quantile(abs(weights), 0.99)), 0, 1)


def _smoothed(weights: np.ndarray) -> np.ndarray:
    """Return means over 3 x 3 pixels: single weights are noisy, and their sums decide."""
    padded = np.pad(weights, ((1, 1), (1, 1), (0, 0)), mode="edge")
    shifts = [padded[row : row + 32, column : column + 32] for row in range(3) for column in range(3)]
    return np.mean(shifts, axis=0)


def _image(axes: Axes, pixels: np.ndarray) -> None:
    axes.imshow(pixels, interpolation="none")
    axes.axis("off")


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
