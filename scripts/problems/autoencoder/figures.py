"""The figures: reconstructions of ten digits, of one by every model beside dead outputs, and the loss in training."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FormatStrFormatter, MaxNLocator, NullLocator

from reprose import Results, VariantResults
from scripts.problems.autoencoder.comparisons import TRAINED, WIDTHS, exact, excess, of_width

WIDTH = 4.6  # inches, the width of the text
SIDE = 28  # pixels
SHOWN = 5  # the digit that all models rebuild side by side
NAMES = {"pca": "PCA", "linear": "$F_1$", "relu": "$F_2$", "awake": "awake"}
DEAD = ("relu", "awake")  # whose outputs can be dead
COLOURS = {hidden: f"C{place}" for place, hidden in enumerate(WIDTHS)}


def draw(results: Results) -> dict[str, Figure]:
    """Return `digits`, ten of them rebuilt by F1 and F2; `digit`, one rebuilt by every model; and `loss`."""
    return {"digits": _digits(results), "digit": _digit(results), "loss": _loss(results)}


def _digits(results: Results) -> Figure:
    """Draw what the first seed's F1 and F2 make of the first test image of every digit."""
    rows: dict[str, np.ndarray] = {}
    for model in ("linear", "relu"):
        for hidden, variant in of_width(results, model):
            artifacts = variant.artifacts[min(variant.artifacts)]
            rows.setdefault("original", artifacts["originals"])
            rows[f"{NAMES[model]}, $h = {hidden}$"] = artifacts["reconstructions"]
    figure = Figure(figsize=(WIDTH, 0.36 * len(rows)))
    panels = figure.subplots(len(rows), len(rows["original"]), squeeze=False)
    for line, (label, images) in zip(panels, rows.items(), strict=True):
        for axes, image in zip(line, images, strict=True):
            _image(axes, image, 1.0)
        line[0].set_ylabel(label, rotation=0, ha="right", va="center", fontsize=7)
    return figure


def _digit(results: Results) -> Figure:
    """Draw one digit as all models rebuild it, and the squared ink that dead outputs of F2 leave out of all images."""
    columns = ("pca", *TRAINED)
    figure = Figure(figsize=(WIDTH, 2.35))
    panels = figure.subplots(len(WIDTHS), 1 + len(columns) + len(DEAD))
    dead = {model: list(of_width(results, model)) for model in DEAD}
    most = max(float(_shown(variant, "dead_error").max()) for found in dead.values() for _, variant in found) or 1.0
    for row, hidden in enumerate(WIDTHS):
        originals = _shown(results.variant(f"linear_{hidden}"), "originals")
        place = min(SHOWN, len(originals) - 1)
        images = [originals[place]]
        images += [_shown(results.variant(f"{model}_{hidden}"), "reconstructions")[place] for model in columns]
        for axes, image in zip(panels[row], images, strict=False):
            _image(axes, image, 1.0)
        for axes, model in zip(panels[row][len(images) :], DEAD, strict=True):
            _image(axes, _shown(dead[model][row][1], "dead_error"), most)
        panels[row][0].set_ylabel(f"$h = {hidden}$", fontsize=7)
    titles = ("original", *(NAMES[model] for model in columns), *(f"dead, {NAMES[model]}" for model in DEAD))
    for axes, title in zip(panels[0], titles, strict=True):
        axes.set_title(title, fontsize=6.5, loc="center")
    return figure


def _shown(variant: VariantResults, name: str) -> np.ndarray:
    """Return an artifact of the first seed."""
    return variant.artifacts[min(variant.artifacts)][name]


def _loss(results: Results) -> Figure:
    figure = Figure(figsize=(WIDTH, 2.1))
    left, middle, right = figure.subplots(1, 3)
    for axes, models in ((left, ("linear",)), (middle, ("relu", "awake"))):
        for model in models:
            for hidden, variant in of_width(results, model):
                _curve(axes, _curves(variant), COLOURS[hidden], "-" if model == models[0] else ":")
        _logarithmic(axes, [0.005, 0.01, 0.02, 0.05])
    for hidden, variant in of_width(results, "pca"):
        left.axhline(exact(variant, "train_error"), color=COLOURS[hidden], linewidth=0.8, linestyle="--")
    for hidden, variant in of_width(results, "linear"):
        bound = exact(results.variant(f"pca_{hidden}"), "train_error")
        _curve(right, excess(_curves(variant), bound), COLOURS[hidden], "-")
    _logarithmic(right, [0.1, 0.3, 1, 3, 10, 30, 100, 300])
    left.set_ylabel("Training loss")
    middle.sharey(left)
    for axes, title in ((left, "$F_1$, PCA dashed"), (middle, "$F_2$, awake dotted"), (right, "$F_1$ over PCA (%)")):
        axes.set_title(title)
        axes.set_xlabel("Epoch")
        axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    lines = [Line2D([], [], color=colour) for colour in COLOURS.values()]
    figure.legend(lines, [f"$h = {hidden}$" for hidden in WIDTHS], loc="outside upper right", ncols=len(WIDTHS))
    return figure


def _image(axes: Axes, image: np.ndarray, most: float) -> None:
    """Show grey values, 0 white and `most` black; what lies outside is cut."""
    axes.imshow(image.reshape(SIDE, SIDE), cmap="gray_r", vmin=0, vmax=most, interpolation="none")
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set(visible=True, linewidth=0.3)


def _curves(variant: VariantResults) -> np.ndarray:
    return np.stack(list(variant.history("loss").values()))  # (seeds, epochs)


def _curve(axes: Axes, curves: np.ndarray, colour: str, line: str) -> None:
    epochs = np.arange(1, curves.shape[1] + 1)
    axes.fill_between(epochs, curves.min(axis=0), curves.max(axis=0), color=colour, alpha=0.25, linewidth=0)
    axes.plot(epochs, curves.mean(axis=0), color=colour, linestyle=line)


def _logarithmic(axes: Axes, ticks: list[float]) -> None:
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(FixedLocator(ticks))
    axes.yaxis.set_major_formatter(FormatStrFormatter("%g"))
    axes.yaxis.set_minor_locator(NullLocator())
