"""What a problem's results cost: how many runs were trained, and for how many epochs."""

from reprose.experiment import Arrays, Results
from reprose.registry import Number, constant

RUNS, EPOCHS = "effort.runs", "effort.epochs"


def effort(results: Results) -> list[Number]:
    """Return the number of training runs of all variants, and of the epochs (or sweeps) that their histories hold."""
    histories = [history for variant in results.variants.values() for history in variant.histories.values()]
    runs = sum(len(trial["metrics"]) for variant in results.variants.values() for trial in variant.trials)
    source = f"{results.problem}/summarize"
    return [constant(RUNS, runs, 0, source), constant(EPOCHS, sum(map(_length, histories)), 0, source)]


def _length(history: Arrays) -> int:
    return max((array.shape[0] for array in history.values() if array.ndim), default=0)
