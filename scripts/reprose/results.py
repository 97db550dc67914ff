"""Read everything that was measured for a problem from the files of its variants."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reprose.arrays import load_groups
from reprose.canonical import read_json
from reprose.experiment import Results, VariantResults


def load_results(key: Mapping[str, Any]) -> Results:
    """Return the results of the problem that the key of a plot or summarize job names."""
    folder = Path("results", key["tier"], key["problem"])
    variants = {name: _variant(folder / name, tested) for name, tested in key["variants"].items()}
    return Results(key["problem"], key["tier"], variants)


def _variant(folder: Path, tested: bool) -> VariantResults:
    trials = read_json(folder / "trials.json")
    (chosen,) = (trial for trial in trials if trial["chosen"])
    artifacts = load_groups(folder / "test/artifacts.npz") if tested else {}
    return VariantResults(
        trials=trials,
        winner=chosen["trial"],
        values=chosen["values"],
        metrics=_by_seed(chosen["metrics"]),
        histories=load_groups(folder / "histories.npz"),
        test=_by_seed(read_json(folder / "test/metrics.json")) if tested else {},
        artifacts={int(seed): arrays for seed, arrays in artifacts.items()},
    )


def _by_seed(table: Mapping[str, Any]) -> dict[int, Any]:
    return {int(seed): table[seed] for seed in sorted(table, key=int)}
