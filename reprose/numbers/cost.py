"""What a problem's results cost: how many runs were trained, and for how many epochs."""

from collections.abc import Iterable, Mapping

from reprose.numbers.registry import Item, Number, constant, find
from reprose.training.contract import Arrays, Results

RUNS, EPOCHS = "effort.runs", "effort.epochs"


def effort(results: Results) -> list[Number]:
    """Return the number of training runs of all variants, and of the epochs (or sweeps) that their histories hold."""
    histories = [history for variant in results.variants.values() for history in variant.histories.values()]
    runs = sum(len(trial["metrics"]) for variant in results.variants.values() for trial in variant.trials)
    source = f"{results.problem}/summarize"
    return [constant(RUNS, runs, 0, source), constant(EPOCHS, sum(map(_length, histories)), 0, source)]


def total(registries: Iterable[Mapping[str, Item]]) -> dict[str, float]:
    """Return the runs and the epochs of several problems together."""
    read = list(registries)
    return {name: sum(find(items, key).value for items in read) for name, key in (("runs", RUNS), ("epochs", EPOCHS))}


def _length(history: Arrays) -> int:
    return max((array.shape[0] for array in history.values() if array.ndim), default=0)
