"""The fingerprints of our code in one state, and the texts that they were taken of.

What takes seconds is done once for each edit: a build leaves what it found, for the starts that follow, under the
digest of all our modules. A look reads that and leaves nothing.
"""

import hashlib
import json
import sys
import time
from dataclasses import asdict, dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

from reprose.base.canonical import text_digest, to_json
from reprose.base.files import write_whole
from reprose.code.fingerprint import Fingerprint, fingerprint_in
from reprose.code.names import Program
from reprose.code.syntax import Source
from reprose.jobs.locks import FOLDER

KEPT = FOLDER / "fingerprints.json"
READERS = ("reprose.code.", "reprose.base.")  # the modules that take fingerprints
YOUNG = 10 * 10**9  # nanoseconds: this process may have imported what such a module was before its last change
Entries = tuple[str, ...]  # "module:name" of the definitions that a step starts from


class Text(NamedTuple):
    """The text of one module."""

    file: str
    digest: str  # SHA-256 of the bytes
    content: bytes


@dataclass(frozen=True)
class Code:
    """What some entry points can reach."""

    fingerprint: Fingerprint
    sources: dict[str, Text]  # module -> the text that the fingerprint was taken of


class Fingerprints:
    """The fingerprints of one state of our modules: taken when they are asked for first, or kept by a build before."""

    def __init__(self, program: Program, kept: Path) -> None:
        self.program = program
        self.kept = kept
        self.taken: dict[Entries, Code] = {}

    def of(self, entries: Entries) -> Code:
        """Return what `entries` can reach."""
        if entries not in self.taken:
            found = self.known.get(entries) or fingerprint_in(self.program, entries)
            self.taken[entries] = Code(
                found, {module: self._text(module, file) for module, file in found.files.items()}
            )
        return self.taken[entries]

    def save(self) -> None:
        """Leave what was taken for later starts, by rename, unless the modules that took it have just been edited."""
        found = self.known | {entries: code.fingerprint for entries, code in self.taken.items()}
        readers = [source for name, source in self.program.sources.items() if name.startswith(READERS)]
        is_young = any(time.time_ns() - source.modified < YOUNG for source in readers)
        if found.keys() != self.known.keys() and not is_young:
            self.kept.parent.mkdir(exist_ok=True)
            listed = [[entries, asdict(fingerprint)] for entries, fingerprint in found.items()]
            write_whole(self.kept, json.dumps({"state": self.state, "fingerprints": listed}).encode())

    @cached_property
    def state(self) -> str:
        """Return the digest of all that a fingerprint may depend on: our modules, where they lie, and Python."""
        modules = self.program.sources.values()
        listed = [
            [each.module, each.path, each.is_package, self._text(each.module, each.path).digest] for each in modules
        ]
        return text_digest(to_json([sys.version, listed]))

    @cached_property
    def known(self) -> dict[Entries, Fingerprint]:
        """Return what a build has left of this state; nothing where there is none that can be read."""
        try:
            kept = json.loads(self.kept.read_bytes())
            if kept["state"] != self.state:
                return {}
            return {tuple(entries): _fingerprint(**fields) for entries, fields in kept["fingerprints"]}
        except (OSError, ValueError, TypeError, KeyError):
            return {}

    def _described(self, source: Source) -> list[object]:
        return [source.module, source.path, source.is_package, self._text(source.module, source.path).digest]

    def _text(self, module: str, file: str) -> Text:
        return _text(file, self.program.module(module).content)


def _fingerprint(packages: list[str], optional: list[str], **others) -> Fingerprint:
    return Fingerprint(packages=tuple(packages), optional=tuple(optional), **others)


@cache
def _text(file: str, content: bytes) -> Text:
    return Text(file, hashlib.sha256(content).hexdigest(), content)


@lru_cache(maxsize=2)
def fingerprints(program: Program) -> Fingerprints:
    """Return the fingerprints of one state of the program."""
    return Fingerprints(program, KEPT)
