"""The numbers of an earlier commit, built in a work tree of its own beside what is built already."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from reprose.base.canonical import read_json
from reprose.base.errors import ReproseError
from reprose.commands.comparison.measure import MEASURED
from reprose.commands.forecast.job_costs import HISTORY
from reprose.commands.git import git
from reprose.commands.remembered import Numbers, numbers_of, remember
from reprose.data.mirror_address import VARIABLE, resolved
from reprose.jobs import locks
from reprose.jobs.record import STALE
from reprose.numbers.registry import read_numbers
from reprose.steps.frame import COMMIT_VARIABLE

TREES = locks.FOLDER / "worktrees"
LOCK = locks.FOLDER / "worktrees.lock"
LARGE = 1_000_000  # bytes; such files are shared by hard links, as steps replace files and never change them
UNSHARED = ("handouts", "drafts", "checkpoints")  # of results/{tier}/
PATIENCE = 30  # seconds for a build that is broken off to end by itself


def measured(folder: Path, tier: str) -> dict[str, list[str]]:
    """Return the problems whose numbers were just built in the project at `folder`, with their handouts."""
    return read_json(folder / locks.FOLDER / MEASURED.format(tier=tier))


def numbers_in(folder: Path, tier: str) -> Numbers:
    """Return the numbers that were just built in the project at `folder`."""
    return {name: read_numbers(folder / numbers_of(tier, name)) for name in measured(folder, tier)}


def check_age(commit: str) -> None:
    """Raise `ReproseError` where the engine of a commit cannot build the numbers alone."""
    if git("show", f"{commit}:./scripts/reprose/build.py") is not None:
        raise ReproseError(
            f"commit {commit[:12]} is too old: its engine lies in scripts/reprose/. Choose a later one as REV."
        )


def rebuilt(commit: str, tier: str) -> Numbers:
    """Return the numbers of a commit, built in a work tree of its own that is removed afterwards."""
    with _work_tree(commit) as folder:
        share(Path.cwd(), folder, tier)
        measure(folder, tier)
        remember(commit, folder, tier, measured(folder, tier))
        return numbers_in(folder, tier)


def measure(folder: Path, tier: str) -> None:
    """Build the numbers of the project at `folder` with its own engine; they may be those of some problems only."""
    own = folder / "reprose/commands/comparison/measure.py"
    program = own if own.exists() else Path(__file__).with_name("measure.py")
    command = [sys.executable, "-P", str(program.resolve()), "--tier", tier]
    with subprocess.Popen(command, cwd=folder, env=_environment(folder), start_new_session=True) as building:
        try:
            building.wait()
        except BaseException:
            _end(building)
            raise
    if not (folder / locks.FOLDER / MEASURED.format(tier=tier)).exists():
        raise ReproseError(f"the numbers of {folder} could not be built; the messages above say why.")


def share(source: Path, target: Path, tier: str) -> None:
    """Give the project at `target` what is built at `source`; its own audit sorts out what does not fit."""
    (target / locks.FOLDER).mkdir(exist_ok=True)
    for top in (Path("data", tier), Path("results", tier), Path(".snakemake/metadata")):
        for folder, inner, files in os.walk(source / top):
            if Path(folder) == source / "results" / tier:
                inner[:] = [name for name in inner if name not in UNSHARED]
            place = target / Path(folder).relative_to(source)
            place.mkdir(parents=True, exist_ok=True)
            for file in files:
                _share_file(Path(folder, file), place / file)
    if (source / HISTORY).exists():
        _share_file(source / HISTORY, target / HISTORY)


def _share_file(path: Path, target: Path) -> None:
    if path.stat().st_size >= LARGE and path.parent.name != STALE:
        try:
            os.link(path, target)
            return
        except OSError:  # a file system without hard links
            pass
    shutil.copy2(path, target)


@contextmanager
def _work_tree(commit: str) -> Iterator[Path]:
    """Check out a commit under .reprose/, and remove it again however this ends."""
    TREES.mkdir(parents=True, exist_ok=True)
    lock = os.open(LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ReproseError("another 'make diff' builds a commit in this folder. Wait until it ends.") from None
    _remove(list(TREES.iterdir()))  # what a killed comparison left
    tree = TREES.resolve() / commit[:12]
    try:
        if git("worktree", "add", "--detach", "--quiet", str(tree), commit) is None:
            raise ReproseError(f"git could not check out {commit[:12]} into {tree}.")
        yield tree / (git("rev-parse", "--show-prefix") or "")
    finally:
        _remove([tree])
        os.close(lock)


def _remove(trees: list[Path]) -> None:
    for tree in trees:
        shutil.rmtree(tree, ignore_errors=True)
    git("worktree", "prune")


def _environment(folder: Path) -> dict[str, str]:
    """Return the environment for the engine at `folder`, in which relative places still mean the same."""
    kept = {name: value for name, value in os.environ.items() if name not in (COMMIT_VARIABLE, locks.BUILD_VARIABLE)}
    if VARIABLE in kept:
        kept[VARIABLE] = resolved(kept[VARIABLE])
    return {**kept, "PYTHONPATH": str(folder)}


def _end(building: subprocess.Popen) -> None:
    """Stop a build with all its steps: ask first, then end what is left of its process group, and wait for that."""
    for number in (signal.SIGINT, signal.SIGKILL):
        deadline = time.monotonic() + PATIENCE
        with suppress(ProcessLookupError):
            os.killpg(building.pid, number)
            while time.monotonic() < deadline:
                building.poll()  # the leader stays in its group until it is waited for
                os.killpg(building.pid, 0)
                time.sleep(0.1)
    building.wait()
