"""Read everything that was measured for a problem from the files of its variants."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from reprose.base.arrays import load, load_groups
from reprose.base.canonical import read_json
from reprose.training.contract import Parts, Results, VariantResults

PARTS = ("train", "validation")  # of a view; the test part is for `evaluate` alone


def load_results(key: Mapping[str, Any], inputs: Mapping[str, Sequence[Path]]) -> Results:
    """Return the results of a problem from the files that a plot or summarize job reads, variant after variant."""
    others = {
        name: load_results({**listed, "problem": name, "tier": key["tier"]}, _of(name, inputs))
        for name, listed in key.get("others", {}).items()
    }
    trials, histories, metrics, artifacts = (
        iter(inputs[role]) for role in ("trials", "histories", "metrics", "artifacts")
    )
    variants = {}
    for name, tested in key["variants"]:
        evaluated = (next(metrics), next(artifacts)) if tested else None
        variants[name] = _variant(next(trials), next(histories), evaluated)
    parts = iter(inputs.get("views", ()))
    views = {name: Parts({part: load(next(parts)) for part in PARTS}) for name in key.get("views", ())}
    return Results(key["problem"], key["tier"], variants, views, others)


def _of(problem: str, inputs: Mapping[str, Sequence[Path]]) -> dict[str, Sequence[Path]]:
    prefix = f"of_{problem}_"
    return {role.removeprefix(prefix): paths for role, paths in inputs.items() if role.startswith(prefix)}


def _variant(table: Path, histories: Path, evaluated: tuple[Path, Path] | None) -> VariantResults:
    trials = read_json(table)
    (chosen,) = (trial for trial in trials if trial["chosen"])
    artifacts = load_groups(evaluated[1]) if evaluated else {}
    return VariantResults(
        trials=trials,
        winner=chosen["trial"],
        values=chosen["values"],
        metrics=_by_seed(chosen["metrics"]),
        histories=load_groups(histories),
        test=_by_seed(read_json(evaluated[0])) if evaluated else {},
        artifacts={int(seed): arrays for seed, arrays in artifacts.items()},
    )


def _by_seed(table: Mapping[str, Any]) -> dict[int, Any]:
    return {int(seed): table[seed] for seed in sorted(table, key=int)}
