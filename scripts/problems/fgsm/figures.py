"""The figures: four attacked images, and accuracy against epsilon."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reprose import Arrays, Results

WIDTH = 4.6  # inches, the width of the text


def draw(results: Results) -> dict[str, Figure]:
    """Return the pictures of the first seed, and the two curves over all seeds."""
    variant = results.variant("attack")
    seed = min(variant.artifacts)
    return {"pictures": _pictures(variant.artifacts[seed]), "epsilon": _curves(list(variant.artifacts.values()))}


def _pictures(arrays: Arrays) -> Figure:
    """Draw each image, the change magnified, and the attacked image, with the predicted class and its probability."""
    count, names = len(arrays["labels"]), arrays["names"]
    changes = arrays["attacked"] - arrays["originals"]
    rows = (arrays["originals"] / 255, 0.5 + changes / (2 * max(abs(changes).max(), 1e-9)), arrays["attacked"] / 255)
    predictions = (arrays["before"], None, arrays["after"])
    figure = Figure(figsize=(WIDTH, 3.35))
    panels = figure.subplots(3, count, squeeze=False)
    titles = ("original", "change, magnified", "attacked")
    for line, images, probability, title in zip(panels, rows, predictions, titles, strict=True):
        for place, (axes, image) in enumerate(zip(line, images, strict=True)):
            axes.imshow(image.transpose(1, 2, 0), interpolation="none")
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set_visible(False)
            if probability is not None:
                _name(axes, probability[place], names, arrays["labels"][place])
        line[0].set_ylabel(title)
    return figure


def _name(axes: Axes, probability: np.ndarray, names: np.ndarray, truth: int) -> None:
    """Write the predicted class and its probability above an image; in the second colour where it is wrong."""
    found = int(probability.argmax())
    colour = "black" if found == truth else "C1"
    title = f"{names[found]}, {100 * probability[found]:.0f} %"
    axes.set_title(title, fontsize=7, loc="center", pad=2, color=colour)


def _curves(artifacts: list[Arrays]) -> Figure:
    epsilons = artifacts[0]["epsilons"]
    curves = 100 * np.stack([arrays["accuracies"] for arrays in artifacts])  # (seeds, epsilons, 2)
    figure = Figure(figsize=(WIDTH, 1.75))
    axes = figure.subplots()
    places = np.arange(len(epsilons))
    for kind, (label, style) in enumerate((("along the gradient", "o-"), ("random signs", "s--"))):
        low, high = curves[:, :, kind].min(axis=0), curves[:, :, kind].max(axis=0)
        axes.fill_between(places, low, high, color=f"C{1 - kind}", alpha=0.25, linewidth=0)
        axes.plot(places, curves[:, :, kind].mean(axis=0), style, color=f"C{1 - kind}", label=label)
    axes.axhline(10, color="0.42", linewidth=0.8, linestyle=":", label="chance")
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    axes.set_xticks(places, [f"{epsilon:g}" for epsilon in epsilons])
    axes.set(xlabel=r"$\epsilon$ in grey levels of 255", ylabel="Test accuracy (%)", ylim=(0, 100))
    return figure
