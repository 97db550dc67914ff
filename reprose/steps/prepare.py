"""Check the raw files of a data set and split them into the parts of a view."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from reprose.base import arrays
from reprose.base.canonical import read_json
from reprose.base.errors import ReproseError
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
    module = loading.dataset(step.key["dataset"])
    table = module.read(manifest.parent)
    split = loading.member(module, step.key["split"])
    given = {path.stem: arrays.load(path) for path in step.inputs.get("parts", [])}
    parts = split(table, given, **step.key["values"]) if given else split(table, **step.key["values"])
    check_test(parts, step)
    for part in PARTS:
        arrays.save(step.output(part), parts[part])
        step.seal(part)


def check_test(parts: Mapping[str, Mapping[str, np.ndarray]], step: Step) -> None:
    """Raise where config.yaml promises a test part that is empty, or denies one that is not."""
    rows = max(np.shape(array)[0] for array in parts["test"].values() if np.ndim(array))
    if bool(rows) != step.key["test"]:
        raise ReproseError(
            f"config.yaml: views.{step.key['view']}.test is {step.key['test']}, but the split"
            f" '{step.key['split']}' leaves {rows} test rows."
        )
