"""The GPUs of this machine: how many a build may use, and how each training gets one for itself.

A step whose key says that it computes on a GPU takes one before torch is loaded, by a lock that the operating system
frees when the process ends. The locks of a machine are shared by all builds on it, whatever their folder and user. What
Slurm or `CUDA_VISIBLE_DEVICES` gave stays the limit. No key depends on how GPUs are shared.
"""

import fcntl
import importlib.util
import os
import re
import socket
import sys
import tempfile
import time
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from pathlib import Path

from reprose.base.errors import ReproseError
from reprose.base.messages import say

COUNT_VARIABLE = "REPROSE_GPUS"  # how many gpus builds may use at a time; else those of this machine are counted
VISIBLE = "CUDA_VISIBLE_DEVICES"
NODES = Path("/dev")
PAUSE = 0.5  # seconds between two looks for a free gpu


def available() -> list[str]:
    """Return the names of the gpus that a build may use, as `CUDA_VISIBLE_DEVICES` writes them."""
    given = os.environ.get(COUNT_VARIABLE)
    if given is not None and not re.fullmatch("[0-9]+", given):
        raise ReproseError(f"{COUNT_VARIABLE} is '{given}', expected a number of GPUs, such as 0 or 2.")
    there = [path.name for path in NODES.glob("nvidia[0-9]*")]
    count = int(given) if given is not None else len(there) if torch_has_cuda() else 0
    visible = os.environ.get(VISIBLE)
    if visible is None:
        return [str(number) for number in range(count)]
    names = [name.strip() for name in visible.split(",")]
    known = names[: names.index("-1")] if "-1" in names else names  # CUDA's own rule
    return [name for name in known if name][:count]


def torch_has_cuda() -> bool:
    """Return whether the installed torch was made for CUDA, without loading it, which takes seconds."""
    found = importlib.util.find_spec("torch")
    stated = Path(found.origin).with_name("version.py") if found and found.origin else None
    text = stated.read_text(encoding="utf-8") if stated and stated.exists() else ""
    return bool(re.search(r"^cuda\b.*=\s*['\"]", text, re.MULTILINE))


def resolve(device: str, where: str) -> str:
    """Return "cpu" or "cuda" for the `device` that config.yaml gives at `where`."""
    if device == "cpu" or (device == "auto" and not available()):
        return "cpu"
    if not available():
        raise ReproseError(
            f"config.yaml: {where} is cuda, but no GPU can be used here ({_why()}). Allowed: auto, cpu; or set"
            f" {COUNT_VARIABLE} to the number of GPUs that the jobs will find where they run."
        )
    return "cuda"


def share(environment: MutableMapping[str, str]) -> None:
    """Write the number of gpus into what jobs inherit, so that on another machine they resolve as their build did."""
    environment[COUNT_VARIABLE] = str(len(available()))


def take_one() -> None:
    """Take a GPU for this process, and hide the others from torch, which is not loaded yet."""
    os.environ[VISIBLE] = take(lock_names(os.environ))


def lock_names(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the name of the lock of each gpu; Slurm numbers the gpus of each of its jobs anew."""
    gpus = available()
    if not gpus:
        say(f"error: no GPU can be used on {socket.gethostname()} ({_why()}).")
        sys.exit(1)
    job = environment.get("SLURM_JOB_ID") if VISIBLE in environment else None
    return {gpu: f"job-{job}-{gpu}" if job else gpu for gpu in gpus}


def take(gpus: Mapping[str, str]) -> str:
    """Return a gpu that nobody else computes on, and keep it until this process ends; wait until there is one."""
    files = {gpu: _open(name) for gpu, name in gpus.items()}
    told = False
    while True:
        for gpu, file in files.items():
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            for other in set(files.values()) - {file}:
                os.close(other)
            return gpu
        if not told:
            say(f"waiting for a GPU; other trainings compute on {', '.join(files)}")
        told = True
        time.sleep(PAUSE)


def _open(name: str) -> int:
    """Open the lock of a gpu, in a folder that all users of this machine share."""
    folder = Path(tempfile.gettempdir(), "reprose-gpus")
    path = folder / f"{re.sub('[^A-Za-z0-9-]', '_', name)}.lock"
    if not folder.exists():
        folder.mkdir(exist_ok=True)
        folder.chmod(0o1777)
    while True:
        with suppress(FileNotFoundError):
            return os.open(path, os.O_RDONLY | os.O_NOFOLLOW)  # a lock needs no right to write
        with suppress(FileExistsError):
            created = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_EXCL)
            os.fchmod(created, 0o644)
            return created


def _why() -> str:
    if os.environ.get(COUNT_VARIABLE) == "0":
        return f"{COUNT_VARIABLE} is 0"
    if not torch_has_cuda():
        return "the installed torch was made without CUDA"
    if VISIBLE in os.environ:
        return f"{VISIBLE} is '{os.environ[VISIBLE]}'"
    return f"there is no {NODES}/nvidia0"
