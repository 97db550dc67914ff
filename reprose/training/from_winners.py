"""Hyperparameters and weights that a variant takes from the winners of others."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from reprose.base import arrays
from reprose.base.canonical import read_json

Trials = list[tuple[str, dict[str, Any]]]  # (label, hyperparameters)


def fill(trials: Iterable[tuple[str, Mapping[str, Any]]], files: Iterable[Path]) -> Trials:
    """Return `trials` with each {"from": "problem/variant/name"} replaced by what that variant's winner.json holds."""
    winners = {f"{path.parent.parent.name}/{path.parent.name}": read_json(path) for path in files}

    def filled(value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        variant, _, name = value["from"].rpartition("/")
        return winners[variant][name]

    return [(label, {name: filled(value) for name, value in values.items()}) for label, values in trials]


def weights(uses: Mapping[str, str], files: Iterable[Path], estimators: ModuleType | None) -> dict[str, dict[str, Any]]:
    """Return the winners' weights that a variant uses ("seed|name" -> array), by the name that config.yaml gives.

    `estimators` is the module that reads those of scikit-learn, where there may be some.
    """
    winners = {f"{path.parent.parent.name}/{path.parent.name}": path for path in files}
    flat = {name: arrays.load(winners[reference]) for name, reference in uses.items() if reference in winners}
    return {name: estimators.revived_flat(found) for name, found in flat.items()} if estimators else flat
