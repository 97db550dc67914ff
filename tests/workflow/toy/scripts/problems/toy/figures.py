"""The figure of the toy problem."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from reprose import Results
from scripts.problems.toy.helper import caption


def draw(results: Results) -> dict[str, Figure]:
    """Return the validation curves."""
    figure, axes = plt.subplots(figsize=(3, 2))
    for variant in results.variants.values():
        for history in variant.history("error").values():
            axes.plot(history)
    axes.set_xlabel(caption())
    return {"curves": figure}
