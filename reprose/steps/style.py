"""Style files, the engine's own unless the project has one of the same name; figures; and what templates read."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from reprose.base.canonical import read_json
from reprose.base.package import ENGINE
from reprose.config.handouts import REPORT
from reprose.steps.frame import Step

ENGINE_STYLE = ENGINE / "document/style"


def style_file(step: Step, name: str) -> Path:
    """Return one style file that the key names."""
    own = {path.name: path for path in step.inputs["style"]}
    if name in own:
        return own[name]
    digest = step.key["engine_style"][name]
    return step.verify(ENGINE_STYLE / name, digest, "The engine was changed while this step waited to run; run again.")


def gather_style(step: Step, folder: Path) -> Path:
    """Copy all style files of the key into one folder, and return it."""
    names = [*(path.name for path in step.inputs["style"]), *step.key["engine_style"]]
    for name in names:
        shutil.copyfile(style_file(step, name), folder / name)
    for path in step.inputs["bibliography"]:
        shutil.copyfile(path, folder / path.name)
    return folder


def figures(step: Step) -> dict[str, Path]:
    """Return the PDF of every figure by "problem/name", each with the digest that its manifest states."""
    found = {}
    for manifest in step.inputs["figures"]:
        for file, digest in read_json(manifest).items():
            path = step.verify(manifest.parent / file, digest, f"Delete {manifest} and run again.")
            if path.suffix == ".pdf":
                found[f"{manifest.parent.parent.name}/{path.stem}"] = path
    return found


def parts(step: Step) -> dict[str, Path]:
    """Return the files that the template includes, by their names in it."""
    return _in_report(step.inputs.get("parts", []))


def static(step: Step) -> dict[str, Path]:
    """Return the files that LaTeX reads as they are, by their names in it."""
    return _in_report(step.inputs.get("static", []))


def _in_report(paths: Iterable[Path]) -> dict[str, Path]:
    return {str(path.relative_to(REPORT)): path for path in paths}
