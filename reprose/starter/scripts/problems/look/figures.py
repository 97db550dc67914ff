"""The figures."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from reprose import Results


def draw(results: Results) -> dict[str, Figure]:
    """Return a histogram of each column."""
    (parts,) = results.views.values()
    figure, places = plt.subplots(ncols=len(parts["train"]), squeeze=False, figsize=(4, 1.8), sharey=True)
    for axes, name in zip(places[0], parts["train"], strict=True):
        axes.hist(parts["train"][name])
        axes.set_xlabel(name)
    places[0][0].set_ylabel("rows")
    return {"columns": figure}
