"""Check the raw files of a data set and split them into the parts of a view."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from reprose.base import arrays
from reprose.base.canonical import read_json
from reprose.base.errors import ReproseError
from reprose.base.faults import kind
from reprose.config import loading
from reprose.steps.frame import Step, run

if TYPE_CHECKING:
    from reprose.code.witness import Witness

PARTS = ("train", "validation", "test")


def main(key: Mapping[str, Any], witness: "Witness") -> None:
    """Run the step `prepare`."""
    run(prepare, key, witness)


def prepare(step: Step) -> None:
    """Read the raw files, split them as the key says, and write the parts with their digests."""
    manifest = step.input("manifest")
    for name, entry in read_json(manifest).items():
        step.verify(manifest.parent / name, entry["sha256"], f"Delete {manifest} and run again.")
    table = checked_table(loading.of_dataset(step.key, "read")(manifest.parent), step.key)
    if first := step.key.get("first"):
        table = {name: column[:first] for name, column in table.items()}
    split = loading.of_dataset(step.key, step.key["split"])
    given = {path.stem: arrays.load(path) for path in step.inputs.get("parts", [])}
    parts = split(table, given, **step.key["values"]) if given else split(table, **step.key["values"])
    check_parts(parts, step.key)
    for part in PARTS:
        arrays.save(step.output(part), parts[part])
        step.seal(part)


def checked_table(table: Any, key: Mapping[str, Any]) -> Mapping[str, np.ndarray]:
    """Return what `read` gives; what has no columns by name is an error."""
    if not isinstance(table, Mapping):
        raise ReproseError(
            f"scripts/datasets/{key['dataset']}.py: read returns {kind(table)}. Allowed: arrays by name."
        )
    return table


def check_parts(parts: Any, key: Mapping[str, Any]) -> None:
    """Raise where a split does not give the three parts, gives no training rows, or breaks what config.yaml says."""
    split, view = f"the split '{key['split']}'", f"config.yaml: views.{key['view']}"
    for part in PARTS:
        if not isinstance(parts, Mapping) or not isinstance(parts.get(part), Mapping):
            raise ReproseError(
                f"{view}: {split} of scripts/datasets/{key['dataset']}.py returns no part '{part}'. Allowed: a"
                f" dictionary of {', '.join(PARTS)}, each one of arrays by name."
            )
    if not rows_of(parts["train"]):
        raise ReproseError(f"{view}: {split} leaves no training rows, with the values {dict(key['values'])}.")
    if bool(rows := rows_of(parts["test"])) != key["test"]:
        raise ReproseError(f"{view}.test is {key['test']}, but {split} leaves {rows} test rows.")


def rows_of(part: Mapping[str, np.ndarray]) -> int:
    """Return how many rows a part has: the length of its longest array; 0 where it has none."""
    return max((np.shape(array)[0] for array in part.values() if np.ndim(array)), default=0)
