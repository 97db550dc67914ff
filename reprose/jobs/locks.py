"""Two locks that tell a living build from a dead one: `build`, held by one build; `steps`, shared by its steps.

The operating system frees a lock when its process ends, however it ends. So a lock that can be had proves that nobody
lives, and Snakemake's own lock files, which a killed build leaves behind, may go.
"""

import ctypes
import fcntl
import os
import shutil
import signal
import sys
from pathlib import Path

from reprose.base.errors import ReproseError

FOLDER = Path(".reprose")
BUILD_VARIABLE = "REPROSE_BUILD_LOCK"  # file descriptor of the build lock, where the caller holds it


def hold_steps() -> int:
    """Hold the lock `steps` with the other steps of a build until this process ends; return its descriptor."""
    descriptor = _open("steps")
    _lock(descriptor, fcntl.LOCK_SH)
    return descriptor


def hold_build() -> int:
    """Hold the lock `build` until this process ends, or raise `ReproseError` where another build holds it."""
    descriptor = _open("build")
    try:
        _lock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(descriptor, 64, 0).decode() or "unknown"
        raise ReproseError(
            f"{Path.cwd() / FOLDER / 'build.lock'}: another build (process {holder}) is running in this folder."
            " Wait until it ends, or stop it."
        ) from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    return descriptor


def heal() -> None:
    """Remove what a killed build left locked; wait first for steps that outlived it. Needs the lock `build`."""
    descriptor = _open("steps")
    try:
        _lock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("waiting for a step that an interrupted build left running", file=sys.stderr, flush=True)
        _lock(descriptor, fcntl.LOCK_EX)
    shutil.rmtree(".snakemake/locks", ignore_errors=True)
    os.close(descriptor)


def end_with_parent() -> None:
    """Ask Linux to end this process with its parent: a Snakemake to which nobody listens waits for ever, locks held."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def verify(name: str, descriptor: int) -> None:
    """Raise `ReproseError` where the lock `name`, held through `descriptor`, was deleted: others do not see it."""
    path = FOLDER / f"{name}.lock"
    if not path.exists() or not os.path.samestat(path.stat(), os.fstat(descriptor)):
        raise ReproseError(
            f"{path}: deleted while the build ran, so that another could begin. Run the same command again."
        )


def _lock(descriptor: int, how: int) -> None:
    try:
        fcntl.flock(descriptor, how)
    except BlockingIOError:
        raise
    except OSError as error:
        raise ReproseError(
            f"{Path.cwd()}: this file system gives no locks ({error.strerror}), so that two builds could mix. Move the"
            " project to another one, or have locks switched on: for NFS the service lockd, for Lustre the mount option"
            " flock."
        ) from error


def _open(name: str) -> int:
    FOLDER.mkdir(exist_ok=True)
    return os.open(FOLDER / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o644)
