"""The processes that work in a project's folder, found through /proc, or through what the server of forks writes."""

import ctypes
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from workflow.forked import PROGRAMS, RUNNING

Found = TypeVar("Found")


def processes(folder: Path, word: str) -> list[int]:
    """Return the Python processes that run in `folder` and whose program is, or begins with, `word`."""
    return [number for number, words in programs(folder) if words[0].startswith(word)]


def steps(folder: Path, rule: str) -> list[int]:
    """Return the processes in `folder` that run the step of `rule`."""
    return [number for number, words in programs(folder) if words[0].startswith("reprose.steps") and rule in words]


def programs(folder: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the Python processes that run in `folder`, each with the words of its program: module, arguments."""
    for path in [*Path("/proc").glob("[0-9]*/cmdline"), *folder.parent.glob(f"{PROGRAMS}/{RUNNING}/*")]:
        with suppress(OSError, ValueError):
            if path.name == "cmdline":
                number, place = int(path.parent.name), path.with_name("cwd").resolve()
                python, *words = path.read_text().strip("\0").split("\0")
            else:
                number = int(path.name)
                place, words = json.loads(path.read_text())
                python = "python"
            while words and words[0].startswith("-"):
                words.pop(0)
            if words and python.endswith("python") and Path(place).resolve() == folder.resolve():
                yield number, words


def wait_for(condition: Callable[[], Found], told: str, timeout: float = 600) -> Found:
    """Return what `condition` gives as soon as that is true; a file that goes while it is looked at is not there."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        with suppress(FileNotFoundError):
            if found := condition():
                return found
        time.sleep(0.05)
    raise AssertionError(f"not within {timeout} s: {told}")


def adopt_orphans() -> None:
    """Let what a child of this process leaves running become a child of this process, for `processor_seconds`."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def processor_seconds(patience: float = 10) -> float:
    """Return the processor time of all that this process has started and that has ended; wait for what was adopted."""
    end = time.monotonic() + patience
    with suppress(ChildProcessError):
        while time.monotonic() < end:
            if not os.waitpid(-1, os.WNOHANG)[0]:
                time.sleep(0.02)
    times = os.times()
    return times.children_user + times.children_system
