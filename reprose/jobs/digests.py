"""SHA-256 of files, remembered between builds as long as a file's size, times and inode stay what they were."""

import json
import os
import time
from contextlib import suppress
from pathlib import Path

from reprose.base.canonical import file_digest
from reprose.base.files import write_whole

YOUNG = 2 * 10**9  # nanoseconds: some file systems tell times only to 2 s, so that a further edit would not show


class Digests:
    """Digests of files by path. The time of change of the inode tells of edits that put size and times back."""

    def __init__(self, cache: Path) -> None:
        self.cache = cache
        self.young: set[str] = set()  # what was changed just before its digest was taken
        self.is_new = False  # whether anything is known that its file does not hold
        try:
            self.known: dict[str, list] = dict(json.loads(cache.read_text()))
        except (OSError, ValueError, TypeError):
            self.known = {}

    def of(self, path: str | Path) -> str | None:
        """Return the digest of a file, or None where there is no such file."""
        name = str(path)
        try:
            stamp = _stamp(name)
        except OSError:
            return None
        entry = self.known.get(name)
        if not entry or entry[:-1] != stamp:
            is_young = time.time_ns() - max(stamp[1:3]) < YOUNG
            (self.young.add if is_young else self.young.discard)(name)
            entry = [*stamp, file_digest(path)]
            self.known[name] = entry
            self.is_new = True
        return entry[-1]

    def keep(self, path: str | Path, digest: str) -> None:
        """Remember the digest of a file that was moved or touched, and whose bytes are known."""
        with suppress(OSError):
            self.known[str(path)] = [*_stamp(str(path)), digest]
            self.is_new = True

    def save(self) -> None:
        """Write the memory to its file, by rename, where that would change it; what is young is forgotten."""
        if not self.is_new:
            return
        self.cache.parent.mkdir(exist_ok=True)
        old = {name: entry for name, entry in self.known.items() if name not in self.young}
        write_whole(self.cache, json.dumps(old).encode())


def _stamp(name: str) -> list[int]:
    status = os.stat(name)
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]
