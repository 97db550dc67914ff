"""The figures: reconstructions of ten digits by every model, the loss in training, and the dead outputs of F2."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FormatStrFormatter, MaxNLocator, NullLocator

from reprose import Results, VariantResults
from scripts.problems.autoencoder.comparisons import MODELS, WIDTHS, exact, excess, of_width

WIDTH = 4.6  # inches, the width of the text
SIDE = 28  # pixels
REFERENCE = "0.42"  # grey of the lines that are held against
COLOURS = {hidden: f"C{place}" for place, hidden in enumerate(WIDTHS)}


def draw(results: Results) -> dict[str, Figure]:
    """Return `digits_<model>`: originals above reconstructions of each h; `loss`; and `dead`."""
    digits = {f"digits_{model}": _digits(results, model) for model in MODELS}
    return {**digits, "loss": _loss(results), "dead": _dead(results)}


def _digits(results: Results, model: str) -> Figure:
    """Draw what the first seed's model makes of the first test image of every digit."""
    rows: dict[str, np.ndarray] = {}
    for hidden, variant in of_width(results, model):
        artifacts = variant.artifacts[min(variant.artifacts)]
        rows.setdefault("original", artifacts["originals"])
        rows[f"$h = {hidden}$"] = artifacts["reconstructions"]
    count = len(rows["original"])
    figure = Figure(figsize=(WIDTH, 0.42 * len(rows)))
    panels = figure.subplots(len(rows), count, squeeze=False)
    for line, (label, images) in zip(panels, rows.items(), strict=True):
        for axes, image in zip(line, images, strict=True):
            _image(axes, image, 1.0)
        line[0].set_ylabel(label, rotation=0, ha="right", va="center")
    return figure


def _loss(results: Results) -> Figure:
    figure = Figure(figsize=(WIDTH, 2.2))
    left, middle, right = figure.subplots(1, 3)
    for axes, models in ((left, ("linear",)), (middle, ("relu", "awake"))):
        for model in models:
            for hidden, variant in of_width(results, model):
                _curve(axes, _curves(variant), COLOURS[hidden], "-" if model == models[0] else ":")
        for hidden, variant in of_width(results, "pca"):
            axes.axhline(exact(variant, "train_error"), color=COLOURS[hidden], linewidth=0.6, linestyle="--")
        _logarithmic(axes, [0.005, 0.01, 0.02, 0.05])
    for hidden, variant in of_width(results, "linear"):
        bound = exact(results.variant(f"pca_{hidden}"), "train_error")
        above = excess(_curves(variant), bound)
        _curve(right, above, COLOURS[hidden], "-")
        style = {"xytext": (3, 0), "textcoords": "offset points", "va": "center", "color": COLOURS[hidden]}
        right.annotate(f"$h = {hidden}$", (above.shape[1], above.mean(axis=0)[-1]), **style)
    _logarithmic(right, [0.1, 0.3, 1, 3, 10, 30, 100, 300])
    left.set_ylabel("Training loss")
    right.set_ylabel("$F_1$ above PCA (%)")
    middle.sharey(left)
    for axes, title in ((left, "$F_1$"), (middle, "$F_2$"), (right, "$F_1$")):
        axes.set_title(title)
        axes.set_xlabel("Epoch")
        axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    return figure


def _dead(results: Results) -> Figure:
    """Draw for the first seed, pixel by pixel, the squared ink that dead outputs leave out."""
    figure = Figure(figsize=(WIDTH, 1.05))
    panels = figure.subplots(1, 2 * len(WIDTHS))
    maps = {
        f"{label}, $h = {hidden}$": variant.artifacts[min(variant.artifacts)]["dead_error"]
        for model, label in (("relu", "$F_2$"), ("awake", "awake"))
        for hidden, variant in of_width(results, model)
    }
    most = max(float(values.max()) for values in maps.values()) or 1.0
    for axes, (label, values) in zip(panels, maps.items(), strict=True):
        _image(axes, values, most)
        axes.set_title(label, fontsize=7, loc="center")
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
