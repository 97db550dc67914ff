"""Style files, the engine's own unless the project has one of the same name; and what templates include and read."""

import shutil
from pathlib import Path

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


def from_report(step: Step) -> dict[str, dict[str, Path]]:
    """Return the `parts` that the template includes, and the `static` files that LaTeX reads, by their names there."""
    roles = ("parts", "static")
    return {role: {str(path.relative_to(REPORT)): path for path in step.inputs.get(role, [])} for role in roles}
