"""Delete what builds made in the project; what else lies in the same folders stays."""

import argparse
import fcntl
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from reprose.base.errors import ReproseError
from reprose.commands import slurm
from reprose.commands.comparison import earlier
from reprose.commands.snakefile import load_jobs
from reprose.config import reading
from reprose.config.experiments import TIERS
from reprose.jobs import locks
from reprose.jobs.leftovers import leftovers

TOPS = ("data", "results", "logs", "benchmarks")  # each holds one folder for each tier; the last is of older versions
UNITS = ("bytes", "kB", "MB", "GB", "TB")


def run(arguments: argparse.Namespace) -> int:
    """Delete what builds made, or what is left over of it, and tell how much; an error while a build runs."""
    sizes: Mapping[Path | str, int] = {path: size(path) for path in made()}
    refuse_beside_a_comparison()
    locks.hold_build()
    locks.heal()  # waits for steps that outlived their build
    if arguments.leftovers:
        sizes = sweep()
    else:
        wipe(Path(path) for path in sizes)
    print("\n".join(f"deleted {path}  {shown(number)}" for path, number in sizes.items()) or "nothing to delete")
    return 0


def wipe(paths: Iterable[Path]) -> None:
    """Delete all that builds made."""
    slurm.settle(submits=False)  # while it is known which jobs of this folder may be left on the cluster
    for path in paths:
        delete(path)
        if path.parent.name in TOPS and not any(path.parent.iterdir()):
            path.parent.rmdir()
    shutil.rmtree(locks.FOLDER, ignore_errors=True)  # at last: as long as its locks are held, no other build begins


def sweep() -> dict[str, int]:
    """Delete the results that nothing makes any more; return the names of their jobs and their bytes."""
    root, sizes = Path.cwd(), {}
    for tier, jobs in load_jobs(reading.load(root / "config.yaml"), root).items():
        for name, paths in leftovers(jobs).items():
            sizes[f"{name} ({tier})"] = sum(path.lstat().st_size for path in paths)
            for path in paths:
                path.unlink()
                remove_empty(path.parent)
    return sizes


def remove_empty(folder: Path) -> None:
    """Delete a folder below those of the tiers if it is empty, and those above it that then are."""
    while len(folder.parts) > 2 and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def made() -> list[Path]:
    """Return the folders that builds made."""
    folders = [Path(top, tier) for top in TOPS for tier in TIERS]
    return [path for path in (*folders, slurm.LOGS, Path(".snakemake"), locks.FOLDER) if os.path.lexists(path)]


def refuse_beside_a_comparison() -> None:
    """Raise while `reprose diff` builds an earlier commit here, in a folder of its own under .reprose/."""
    try:
        with open(earlier.LOCK) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return
    except BlockingIOError:
        raise ReproseError("'reprose diff' builds a commit in this folder. Wait until it ends, or stop it.") from None


def size(path: Path) -> int:
    """Return the bytes in a folder; a link counts nothing, as what it leads to stays."""
    if path.is_symlink():
        return 0
    return sum(os.lstat(os.path.join(folder, name)).st_size for folder, _, names in os.walk(path) for name in names)


def delete(path: Path) -> None:
    """Delete a folder, or a link to one; the folder of the locks only but for them."""
    if path.is_symlink():
        path.unlink()
    elif path != locks.FOLDER:
        shutil.rmtree(path)


def shown(number: float) -> str:
    """Return a number of bytes for a person: "12.3 MB"."""
    unit = 0
    while number >= 1000 and unit < len(UNITS) - 1:
        number, unit = number / 1000, unit + 1
    return f"{number:.0f} {UNITS[unit]}" if unit == 0 else f"{number:.1f} {UNITS[unit]}"
