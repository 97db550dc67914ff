"""The figures."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from reprose import Results


def draw(results: Results) -> dict[str, Figure]:
    """Return the validation error of each variant's best setting, epoch after epoch."""
    figure, axes = plt.subplots(figsize=(4, 2.4))
    for name, variant in results.variants.items():
        axes.plot(sum(variant.history("error").values()) / len(variant.metrics), label=name)
    axes.set(xlabel="epoch", ylabel="validation error", yscale="log")
    axes.legend()
    return {"curves": figure}
