"""Files that appear whole or not at all: written under a temporary name, then renamed."""

import hashlib
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterable
from pathlib import Path

TEMPORARY = ".new."  # begins the name of a file that is being written


def temporary(path: Path) -> Path:
    """Return where this process writes what is to become `path`."""
    return path.with_name(f"{TEMPORARY}{os.getpid()}.{path.name}")


def fresh_name(name: str) -> str:
    """Return a name for what is to become the file `name`: another at each call, in all threads and on all machines."""
    return f"{TEMPORARY}{uuid.uuid4().hex}.{name}"


def write_whole(path: Path, content: bytes) -> None:
    """Write `content` to `path` by one rename; on an error, such as a full disk, `path` stays as it was."""
    unfinished = path.with_name(fresh_name(path.name))
    try:
        unfinished.write_bytes(content)
        os.replace(unfinished, path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        error.filename = error.filename or str(path)  # a write that failed does not name its file
        raise


def sweep_temporary(folders: Iterable[Path]) -> None:
    """Delete what killed processes left under temporary names."""
    for folder in folders:
        for path in list(folder.rglob(f"{TEMPORARY}*")):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def scratch_prefix() -> str:
    """Return how the names of the temporary folders begin that steps of the project in this folder make."""
    return f"reprose-{hashlib.sha256(os.getcwd().encode()).hexdigest()[:12]}-"


def sweep_scratch() -> None:
    """Delete the folders that killed steps of this project left among temporary files. No step may be running."""
    for path in Path(tempfile.gettempdir()).glob(f"{scratch_prefix()}*"):
        shutil.rmtree(path, ignore_errors=True)


def remove_folder(folder: Path, top: Path) -> None:
    """Delete a folder with all that is in it, and the folders above it up to `top` that become empty."""
    if not folder.is_dir():
        return
    shutil.rmtree(folder)
    folder = folder.parent
    while folder != top.parent and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
