"""Check the raw files of a data set and split them into the parts of a view."""

from collections.abc import Mapping

import numpy as np

from reprose import arrays, loading
from reprose.canonical import file_digest, read_json
from reprose.errors import ReproseError
from reprose.step import Step, run

PARTS = ("train", "validation", "test")


def main() -> None:
    """Run the step `prepare`."""
    outputs = [name for part in PARTS for name in (part, f"{part}_seal")]
    run(prepare, inputs=("manifest", "parts", "seals"), outputs=outputs)


def prepare(step: Step) -> None:
    """Read the raw files, split them as the key says, and write the parts with their digests."""
    manifest = step.input("manifest")
    for name, entry in read_json(manifest).items():
        path = manifest.parent / name
        if not path.exists() or file_digest(path) != entry["sha256"]:
            raise ReproseError(f"{path}: missing or changed since it was fetched. Delete {manifest} and run again.")
    module = loading.dataset(step.key["dataset"])
    table = module.read(manifest.parent)
    split = loading.member(module, step.key["split"])
    given = {path.stem: arrays.load(path) for path in step.inputs["parts"]}
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


if __name__ == "__main__":
    main()
