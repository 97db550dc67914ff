"""How long a second clone takes that gets its results from a store, beside the first, which trains and fills it.

Run as `PYTHONPATH=.:tests python tests/bench/store.py [project] [tier]`: by default the toy project of the tests, which
takes about a minute, on its sample tier. Both clones are fresh copies of the sources, one after the other on two cores
of this machine, by the front door with the real Python; the store is a folder beside them. Each row holds the seconds
of a whole build and the number of trainings that ran in it; the ratio is the second's seconds by the first's.
"""

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from workflow.project import Project, make_toy

CORES = 2
NAMES = ("first clone, which fills the store", "second clone, which takes from it")
MADE = ("data", "results", "logs", "benchmarks", ".reprose", ".snakemake", ".venv", ".git", "__pycache__")


def main() -> None:
    """Build twice with one store between, and print what it took."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    source, tier = Path(sys.argv[1]) if len(sys.argv) > 1 else None, (*sys.argv[2:], "sample")[0]
    with tempfile.TemporaryDirectory() as folder:
        print(f"{source or 'the toy project'}, {tier} tier, {CORES} cores")
        seconds = [
            show(name, clone(source, Path(folder, name.split()[0])), tier, Path(folder, "store")) for name in NAMES
        ]
        held = [path.stat().st_size for path in Path(folder, "store").rglob("*") if path.is_file()]
    print(f"ratio {seconds[1] / seconds[0]:.3f}; the store holds {len(held)} files, {sum(held) / 1e6:.2f} MB")


def clone(source: Path | None, folder: Path) -> Project:
    """Return a fresh copy of a project, of which nothing is built."""
    if source is None:
        return make_toy(folder)
    shutil.copytree(source, folder, symlinks=True, ignore=shutil.ignore_patterns(*MADE))
    return Project(folder)


def show(name: str, project: Project, tier: str, store: Path) -> float:
    """Build a project, print what it took, and return the seconds."""
    project.variables["REPROSE_STORE"] = str(store)
    started = time.monotonic()
    project.build(tier=tier)
    seconds = time.monotonic() - started
    trained = len(list(project.folder.glob(f"logs/{tier}/**/train.log")))
    print(f"  {name:<36} {seconds:8.1f} s {trained:6} trainings", flush=True)
    return seconds


if __name__ == "__main__":
    main()
