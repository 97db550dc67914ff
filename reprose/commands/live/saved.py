"""Waiting for files to be saved that a build may read; what they touch, the build finds."""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from watchfiles import DefaultFilter, watch

from reprose.base.errors import ReproseError
from reprose.base.package import ENGINE
from reprose.config import reading

TREES = ("scripts", "report", "workflow", "profiles", ENGINE.name)  # in a project, whole
FILES = ("config.yaml", "Snakefile")
TICK = 50  # milliseconds


class Saved:
    """The files that were saved since somebody last asked; `results/` and all else that builds make is none of them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.named: set[Path] = set()  # files that config.yaml names, and the folders that lead to them
        self.changes: Iterator[set[tuple[Any, str]]] = iter(())
        self.is_usual = DefaultFilter()  # neither caches nor what editors leave

    def begin(self) -> None:
        """Notice from here on whatever is saved, in folders and files that came since as well: before a build reads."""
        with suppress(ReproseError):  # the build tells; until that is mended, the files are those of before
            self.named = self._named(reading.load(self.root / "config.yaml"))
        places = {self.root, *self._trees(), *self.named, *(path.parent for path in self.named)}
        options = {"watch_filter": self.counts, "rust_timeout": TICK, "yield_on_timeout": True, "recursive": False}
        self.changes = watch(*filter(os.path.isdir, places), **options)
        next(self.changes)  # now it watches; what it has seen by now, the build will see

    def wait(self) -> list[str]:
        """Return the files that were saved since `begin`, in order of their names, as soon as there are any."""
        found = next(filter(None, self.changes))
        return sorted({os.path.relpath(path, self.root) for _, path in found})

    def counts(self, change: Any, path: str) -> bool:
        """Return whether a build may read this file, or what is in this folder."""
        inner = os.path.relpath(path, self.root)
        is_read = inner.split(os.sep)[0] in TREES or inner in FILES or Path(path) in self.named
        return is_read and self.is_usual(change, inner)

    def _trees(self) -> Iterator[str]:
        for tree in TREES:
            for folder, inner, _ in os.walk(self.root / tree):
                inner[:] = [name for name in inner if name not in self.is_usual.ignore_dirs]
                yield folder

    def _named(self, config: Mapping[str, Any]) -> set[Path]:
        """Return all that may be files among the values of config.yaml, and the project's folders that lead there."""
        files = {Path(os.path.normpath(self.root / text)) for text in _texts(config)} - {self.root}
        return files | {folder for file in files for folder in file.parents if self.root in folder.parents}


def _texts(value: Any) -> Iterator[str]:
    """Yield all texts among the values of a setting."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
