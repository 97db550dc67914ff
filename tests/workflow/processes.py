"""The processes that work in a project's folder, found through /proc."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

Found = TypeVar("Found")


def processes(folder: Path, word: bytes) -> list[int]:
    """Return the Python processes that run in `folder` and whose program is, or begins with, `word`."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
            here = (path.parent / "cwd").resolve() == folder.resolve()
        except OSError:
            continue
        if here and words[0].endswith(b"python") and any(part.startswith(word) for part in words[1:3]):
            found.append(int(path.parent.name))
    return found


def steps(folder: Path, rule: str) -> list[int]:
    """Return the processes in `folder` that run the step of `rule`."""
    found = []
    for process in processes(folder, b"reprose.steps"):
        with suppress(OSError):
            if rule.encode() in Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0"):
                found.append(process)
    return found


def wait_for(condition: Callable[[], Found], told: str, timeout: float = 600) -> Found:
    """Return what `condition` gives as soon as that is true."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {timeout} s: {told}")
