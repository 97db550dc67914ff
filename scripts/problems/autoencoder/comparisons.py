"""Which variants the document's questions need, under which names they are printed."""

from collections.abc import Iterator

from reprose import Results, VariantResults

WIDTHS = (32, 64, 128)  # the document's h
TRAINED = ("linear", "relu", "awake")  # F1, F2, and F2 without outputs that start dead
SEARCHED = ("linear", "relu")  # whose learning rate was searched; `awake` uses that of `relu`
MODELS = (*TRAINED, "pca")


def of_width(results: Results, model: str, search: str = "") -> Iterator[tuple[int, VariantResults]]:
    """Yield each h with the results of `model`, or of its `search`."""
    for hidden in WIDTHS:
        yield hidden, results.variant(f"{model}_{hidden}{search}")


def excess(error: float, bound: float) -> float:
    """Return by how many per cent `error` is above `bound`."""
    return 100 * (error / bound - 1)


def exact(variant: VariantResults, metric: str) -> float:
    """Return what evaluation measured of a variant that does not depend on a seed."""
    return next(iter(variant.test.values()))[metric]
