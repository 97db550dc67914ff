"""Choose the trial of a variant by its mean validation metric over seeds."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from reprose.base.errors import ReproseError
from reprose.training.checks import check_metric
from reprose.training.contract import DIVERGED

Trials = Sequence[tuple[str, Mapping[str, Any]]]  # (label, hyperparameters)
Found = TypeVar("Found")
Metrics = Mapping[str, Mapping[str, float]]  # run name -> metric -> value


def distinct(trials: Trials) -> tuple[Trials, dict[str, str]]:
    """Return the trials whose values differ, and for each label that of the first trial with equal values.

    Trials that are written differently, or whose values come to be equal as a winner is known, are one trial.
    """
    firsts = {label: next(first for first, values in trials if values == own) for label, own in trials}
    return [(label, values) for label, values in trials if firsts[label] == label], firsts


def renamed(runs: Mapping[str, Found], labels: Mapping[str, str]) -> dict[str, Found]:
    """Return what belongs to each run ("label/seed") under the label of its trial; of equal runs, the first."""
    found: dict[str, Found] = {}
    for name, value in runs.items():
        label, seed = name.rsplit("/", 1)
        found.setdefault(f"{labels[label]}/{seed}", value)
    return found


def tabulate(trials: Trials, metrics: Metrics, select: Mapping[str, str], where: str = "") -> list[dict]:
    """Return one row per trial, in the order of config.yaml, with the best one marked as chosen.

    The best has the lowest (or highest, as `select["better"]` says) mean over seeds of `select["metric"]`; of equals,
    the first. A trial that diverged with any seed has no mean and loses; its row says after how many epochs. `where` is
    the place of `select` in config.yaml.
    """
    for run, found in metrics.items():
        if not _has_diverged(found):
            check_metric(found, select["metric"], f"run {run}", where)
    rows = [_row(trial, values, metrics, select["metric"]) for trial, values in trials]
    sign = 1 if select["better"] == "lower" else -1
    sound = [row for row in rows if DIVERGED not in row]
    if not sound:
        raise ReproseError(f"every trial diverged: {', '.join(row['trial'] for row in rows)}. Change their settings.")
    best = min(sound, key=lambda row: sign * row["mean"])
    return [{**row, "chosen": row is best} for row in rows]


def _row(trial: str, values: Mapping[str, Any], metrics: Metrics, selected: str) -> dict[str, Any]:
    by_seed = {run.rsplit("/", 1)[1]: found for run, found in metrics.items() if run.rsplit("/", 1)[0] == trial}
    diverged = {seed: found[DIVERGED] for seed, found in by_seed.items() if _has_diverged(found)}
    if diverged:
        lost = {"mean": None, "std": None, DIVERGED: diverged}
        return {"trial": trial, "values": dict(values), "metrics": by_seed, **lost}
    samples = [found[selected] for found in by_seed.values()]
    return {
        "trial": trial,
        "values": dict(values),
        "metrics": by_seed,
        "mean": statistics.fmean(samples),
        "std": statistics.stdev(samples) if len(samples) > 1 else 0.0,
    }


def _has_diverged(found: Mapping[str, float]) -> bool:
    return set(found) == {DIVERGED}
