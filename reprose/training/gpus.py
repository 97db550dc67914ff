"""The GPUs of this machine: how many a build may use, and how each training gets one, or its place on one.

A step whose key says that it computes on a GPU takes a place before torch looks for GPUs, by a lock that the operating
system frees when the process ends. A GPU has one place, or as many as a variable says. The locks of a machine are
shared by all builds on it, whatever their folder and user. What Slurm or `CUDA_VISIBLE_DEVICES` gave stays the limit.
No key depends on how GPUs are shared.
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
from typing import Any

from reprose.base.errors import ReproseError
from reprose.base.messages import say

COUNT_VARIABLE = "REPROSE_GPUS"  # how many gpus builds may use at a time; else those of this machine are counted
PLACES_VARIABLE = "REPROSE_TRAININGS_PER_GPU"  # 1 where it is not given
VISIBLE = "CUDA_VISIBLE_DEVICES"
NODES = Path("/dev")
PAUSE = 0.5  # seconds between two looks for a free gpu


def available() -> list[str]:
    """Return the names of the gpus that a build may use, as `CUDA_VISIBLE_DEVICES` writes them."""
    there = [path.name for path in NODES.glob("nvidia[0-9]*")]
    given = _stated(COUNT_VARIABLE, "a number of GPUs, such as 0 or 2", least=0)
    count = given if given is not None else len(there) if torch_has_cuda() else 0
    visible = os.environ.get(VISIBLE)
    if visible is None:
        return [str(number) for number in range(count)]
    names = [name.strip() for name in visible.split(",")]
    known = names[: names.index("-1")] if "-1" in names else names  # CUDA's own rule
    return [name for name in known if name][:count]


def places() -> int:
    """Return how many trainings a build may run on GPUs at a time."""
    return len(available()) * _places_each()


def _places_each() -> int:
    return _stated(PLACES_VARIABLE, "a number of trainings, such as 1 or 4", least=1) or 1


def _stated(variable: str, expected: str, least: int) -> int | None:
    """Return the number that a variable states, None where it states none."""
    given = os.environ.get(variable)
    if given is None:
        return None
    if not re.fullmatch("[0-9]+", given) or int(given) < least:
        raise ReproseError(f"{variable} is '{given}', expected {expected}.")
    return int(given)


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
    """Take a GPU for this process, and hide the others from torch, which has not looked yet."""
    os.environ[VISIBLE] = take(lock_names(os.environ))


def lock_names(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the lock of each place -> its gpu, empty gpus first; Slurm numbers the gpus of each of its jobs anew."""
    gpus = available()
    if not gpus:
        say(f"error: no GPU can be used on {socket.gethostname()} ({_why()}).")
        sys.exit(1)
    job = environment.get("SLURM_JOB_ID") if VISIBLE in environment else None
    names = {gpu: f"job-{job}-{gpu}" if job else gpu for gpu in gpus}
    return {f"{name}.{place}" if place else name: gpu for place in range(_places_each()) for gpu, name in names.items()}


def take(locks: Mapping[str, str]) -> str:
    """Return a gpu with a free place, and keep that until this process ends; wait until there is one."""
    files = {name: _open(name) for name in locks}
    told = False
    while True:
        for name, file in files.items():
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            for other in set(files.values()) - {file}:
                os.close(other)
            return locks[name]
        if not told:
            say(f"waiting for a GPU; other trainings compute on {', '.join(dict.fromkeys(locks.values()))}")
        told = True
        time.sleep(PAUSE)


def used(torch: Any, name: str) -> dict[str, Any]:
    """Return which GPU a training has computed on, and the most memory there, for its record; tell if on none."""
    if not torch.cuda.is_initialized():
        say(f"note: {name}: took a GPU and did not use it; for this problem, device: cpu is as good.")
        return {}
    return {"gpu": torch.cuda.get_device_name(), "peak_gpu_memory_bytes": torch.cuda.max_memory_allocated()}


def _open(name: str) -> int:
    """Open the lock of a gpu, in a folder that all users of this machine share."""
    folder = Path(tempfile.gettempdir(), "reprose-gpus")
    path = folder / f"{re.sub('[^A-Za-z0-9.-]', '_', name)}.lock"
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
