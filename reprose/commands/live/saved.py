"""Waiting for files to be saved that a build may read; what they touch, the build finds."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from watchfiles import DefaultFilter, watch

from reprose.base.errors import ReproseError
from reprose.base.package import ENGINE
from reprose.config import reading

TREES = (
    "scripts",
    "report",
    "workflow",
    "profiles",
    ENGINE.name,
)  # in a project, whole
FILES = ("config.yaml", "Snakefile")
TICK = 200  # milliseconds


class Saved:
    """The files that were saved since somebody last asked; `results/` and all else that builds make is none of them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.named: set[Path] = set()  # files that config.yaml names
        self.folders: set[Path] = set()
        self.changes: Iterator[set[tuple[Any, str]]] = iter(())
        self.is_usual = DefaultFilter()  # neither caches nor what editors leave

    def begin(self) -> None:
        """Notice from here on whatever is saved, in folders and files that came since as well: before a build reads."""
        try:
            named = {self.root / text for text in _texts(reading.load(self.root / "config.yaml"))}
            self.named = {path for path in named if "\0" not in str(path)}
        except ReproseError:  # the build says so; until it is mended, the files are those of before
            pass
        folders = {self.root, *self._trees(), *(path.parent for path in self.named if path.parent.is_dir())}
        if folders != self.folders:
            options = {"watch_filter": self.counts, "rust_timeout": TICK, "yield_on_timeout": True}
            self.changes = watch(*folders, recursive=False, **options)
            next(self.changes)  # now it watches; what it has seen by now, the build will see
            self.folders = folders

    def wait(self) -> list[Path]:
        """Return the files that were saved since `begin`, in order of their names, as soon as there are any."""
        found = next(filter(None, self.changes))
        return sorted({Path(path).relative_to(self.root) for _, path in found})

    def counts(self, change: Any, path: str) -> bool:
        """Return whether a build may read this file."""
        inner = Path(os.path.relpath(path, self.root))
        is_read = inner.parts[0] in TREES or str(inner) in FILES or Path(path) in self.named
        return is_read and self.is_usual(change, str(inner))

    def _trees(self) -> Iterator[Path]:
        for tree in TREES:
            for folder, inner, _ in os.walk(self.root / tree):
                inner[:] = [name for name in inner if name not in self.is_usual.ignore_dirs]
                yield Path(folder)


def _texts(value: Any) -> Iterator[str]:
    """Yield all texts among the values of a setting."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value
