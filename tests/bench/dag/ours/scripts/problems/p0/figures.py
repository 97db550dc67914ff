"""The figure of a line."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from reprose import Results


def draw(results: Results) -> dict[str, Figure]:
    """Return the errors of all variants."""
    figure, axes = plt.subplots(figsize=(3, 2))
    for variant in results.variants.values():
        axes.plot([metrics["error"] for metrics in variant.test.values()])
    return {"errors": figure}
