"""Choose the trial of a variant by its mean validation metric over seeds."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from reprose.errors import ReproseError

Metrics = Mapping[str, Mapping[str, float]]  # run name -> metric -> value


def tabulate(
    trials: Sequence[tuple[str, Mapping[str, Any]]], metrics: Metrics, select: Mapping[str, str]
) -> list[dict]:
    """Return one row per trial, in the order of config.yaml, with the best one marked as chosen.

    The best has the lowest (or highest, as `select["better"]` says) mean over seeds of `select["metric"]`; of equals,
    the first.
    """
    rows = [_row(trial, values, metrics, select["metric"]) for trial, values in trials]
    sign = 1 if select["better"] == "lower" else -1
    best = min(rows, key=lambda row: sign * row["mean"])
    return [{**row, "chosen": row is best} for row in rows]


def _row(trial: str, values: Mapping[str, Any], metrics: Metrics, selected: str) -> dict[str, Any]:
    by_seed = {run.rsplit("/", 1)[1]: found for run, found in metrics.items() if run.rsplit("/", 1)[0] == trial}
    samples = [_selected(found, selected, f"{trial}, seed {seed}") for seed, found in by_seed.items()]
    return {
        "trial": trial,
        "values": dict(values),
        "metrics": by_seed,
        "mean": statistics.fmean(samples),
        "std": statistics.stdev(samples) if len(samples) > 1 else 0.0,
    }


def _selected(found: Mapping[str, float], name: str, where: str) -> float:
    if name not in found:
        raise ReproseError(f"{where}: no validation metric '{name}' to choose by. Found: {', '.join(sorted(found))}.")
    return found[name]
