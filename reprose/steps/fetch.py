"""Get the raw files of a data set, verified, and list them with their digests."""

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprose.base.canonical import file_digest, to_pretty_json
from reprose.base.errors import ReproseError
from reprose.config import loading
from reprose.data.archives import save
from reprose.data.mirror_address import VARIABLE
from reprose.data.obtain import Manifest, obtain
from reprose.steps.frame import Step, run

if TYPE_CHECKING:
    from reprose.code.witness import Witness


def main(key: Mapping[str, Any], witness: "Witness") -> None:
    """Run the step `fetch`."""
    run(fetch, key, witness)


def fetch(step: Step) -> None:
    """Fill the folder of the manifest with a file of the project, or with what is made or published."""
    folder = step.outputs["manifest"].parent
    manifest = copied(step.input("file"), folder) if "file" in step.inputs else obtained(step, folder)
    step.existing([folder / name for name in manifest])
    step.output("manifest").write_text(to_pretty_json(manifest), encoding="utf-8")


def copied(file: Path, folder: Path) -> Manifest:
    """Copy a file of the project, so that what is made of it has one place, and return its digest."""
    with open(file, "rb") as stream:
        return {file.name: {"sha256": save(stream, folder / file.name, str(file))}}


def obtained(step: Step, folder: Path) -> Manifest:
    """Return the digests of what the sample maker makes, or of what the source publishes."""
    dataset = step.key["dataset"]
    if step.key["tier"] == "real":
        return obtain(loading.source(dataset), dataset, folder, os.environ.get(VARIABLE))
    maker = loading.member(loading.dataset(dataset), "make_sample")
    return make_sample(maker, folder, step.key["sample"], step.witness.flush_files)


def make_sample(
    maker: Callable[..., None], folder: Path, values: dict[str, Any], flush: Callable[[], None] = lambda: None
) -> Manifest:
    """Make the sample files in a folder of their own, move them into place and return their digests.

    `flush` writes out what files hold back that the maker has not closed.
    """
    with tempfile.TemporaryDirectory(dir=folder, prefix=".new.") as staging:
        maker(Path(staging), **values)
        flush()
        made = sorted(Path(staging).iterdir())
        if odd := [path.name for path in made if not path.is_file()]:
            raise ReproseError(f"make_sample of {folder.name} writes the folder '{odd[0]}', allowed: files.")
        manifest = {path.name: {"sha256": file_digest(path)} for path in made}
        for path in made:
            os.replace(path, folder / path.name)
    return manifest
