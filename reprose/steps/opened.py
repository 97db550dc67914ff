"""The proof that a step read nothing but its inputs: every file that it opened is compared with its description."""

import hashlib
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from reprose.base.errors import ReproseError
from reprose.base.files import TEMPORARY
from reprose.base.notebooks import module_text
from reprose.jobs.locks import FOLDER

if TYPE_CHECKING:
    from reprose.steps.frame import Step

SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc", "/proc", "/sys", "/dev", "/run", "/var", "/opt", "/nix")
SYSTEM += ("/System", "/Library", "/private", "/snap")
HANDED = tuple(str(FOLDER / name) for name in ("jobs", "sources", "matplotlib", "running"))  # what all steps share
LOCKS = tuple(str(FOLDER / name) for name in ("steps.lock", "build.lock"))


def check_opened(step: "Step") -> None:
    """Raise where the step opened a file that its key does not name."""
    project = Path(step.witness.here)
    allowed = {str(project / path) for path in (*step.digests, *step.verified, *step.placed)} | step.witness.first
    folders = [str(project / path.parent) for path in step.outputs.values()]
    for opened in sorted(step.witness.opened):
        path = os.path.realpath(opened)
        if opened in allowed or path in allowed or not os.path.isfile(path) or _is_under(path, _python()):
            continue
        inside = _inside(path, str(project)) or _inside(opened, str(project))
        elsewhere = [*SYSTEM, *step.witness.folders(step.key.get("versions", {})), tempfile.gettempdir()]
        if inside is None and (step.key["rule"] == "fetch" or _is_under(path, elsewhere)):
            continue
        if _is_under(path, _mirror(step)):
            continue
        if inside is not None and _is_own(step, opened, inside, folders):
            continue
        raise ReproseError(
            f"{inside or opened} was read, but the key of this job does not name it, so that a change of it would go"
            f" unseen. Make it a data set, or name it in config.yaml: {_place(step)}: reads: [{inside or opened}]."
        )


def _mirror(step: "Step") -> list[str]:
    """Return the folder that published data may come from; what is taken out of it is verified by stated digests."""
    location = (
        os.environ.get("REPROSE_MIRROR", "") if step.key["rule"] == "fetch" and step.key["tier"] == "real" else ""
    )
    return [location] if location and "://" not in location else []


def _is_own(step: "Step", opened: str, inside: str, folders: list[str]) -> bool:
    """Return whether a file of the project is the step's own: what it makes, its own code, what it was called with."""
    own = [str(step.checkpoint_folder)] if step.key["rule"] == "train" else []
    if inside in LOCKS or any(_inside(inside, folder) for folder in (*HANDED, *own)):
        return True
    makes = any(_inside(opened, folder) for folder in folders)
    if makes and (step.key["rule"] == "fetch" or Path(opened).name.startswith(TEMPORARY)):
        return True
    for file, digest in step.witness.sources.values():
        if os.path.realpath(file) == os.path.realpath(opened):  # as for the line of a warning
            if hashlib.sha256(module_text(Path(opened))).hexdigest() != digest:
                raise ReproseError(f"{inside} changed while this step ran, which read its text; run again.")
            return True
    return False


def _python() -> list[str]:
    """Return the folders of Python and of the packages installed for it."""
    packages = [entry for entry in sys.path if os.path.basename(entry) in ("site-packages", "dist-packages")]
    return [sys.prefix, sys.base_prefix, sys.exec_prefix, *packages]


def _is_under(path: str, folders: list[str]) -> bool:
    return any(_inside(path, os.path.realpath(folder)) is not None for folder in folders)


def _inside(path: str, folder: str) -> str | None:
    """Return the path relative to `folder`, or None where it lies elsewhere."""
    return os.path.relpath(path, folder) if path.startswith(folder.rstrip(os.sep) + os.sep) else None


def _place(step: "Step") -> str:
    key = step.key
    return f"problems.{key['problem']}" if "problem" in key else f"datasets.{key.get('dataset', '...')}"
