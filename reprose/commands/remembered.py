"""The numbers of commits that were built here, kept so that later ones can be compared with them."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from reprose.jobs import locks
from reprose.numbers.registry import Item, read_numbers

ARCHIVE = locks.FOLDER / "numbers"
KEPT = 30  # commits of which the numbers are remembered
Numbers = Mapping[str, Mapping[str, Item]]  # problem -> key -> number or text


def numbers_of(tier: str, problem: str) -> str:
    """Return the path of the numbers of one problem."""
    return f"results/{tier}/{problem}/numbers/numbers.json"


def remember(commit: str, folder: Path, tier: str, problems: Iterable[str]) -> None:
    """Keep the numbers of `problems` that the project at `folder` built of a commit, beside those kept before."""
    kept = ARCHIVE / commit / tier
    kept.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=kept.parent, prefix="new."))
    for path in kept.glob("[!.]*.json"):  # of handouts that were built by themselves
        shutil.copyfile(path, made / path.name)
    for problem in problems:
        shutil.copyfile(folder / numbers_of(tier, problem), made / f"{problem}.json")
    shutil.rmtree(kept, ignore_errors=True)
    os.replace(made, kept)
    for old in sorted(ARCHIVE.iterdir(), key=lambda path: path.stat().st_mtime)[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)


def remembered(commit: str, tier: str) -> Numbers | None:
    """Return the numbers of a commit, if they were kept when it was built."""
    kept = ARCHIVE / commit / tier
    return {path.stem: read_numbers(path) for path in sorted(kept.glob("[!.]*.json"))} if kept.is_dir() else None
