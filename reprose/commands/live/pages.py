"""What browsers are told: the handouts as they were last built, and how the build of what was saved since goes."""

import hashlib
import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

KINDS = (".html", ".pdf")
BUILDING, BUILT, FAILED = "building", "built", "failed"


class Pages:
    """The files of the handouts of a tier, held in memory: a build that fails has set those in `results/` aside."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: list[str] = []
        self.files: dict[str, bytes] = {}  # "name.html" -> its bytes
        self.stamps: dict[str, tuple[int, int]] = {}  # "name.html" -> inode and nanoseconds of the file that was read
        self.state = BUILDING
        self.text = ""  # what is said of that state
        self.number = 0  # of changes so far
        self.readers = 0  # browsers that listen
        self.changed = threading.Condition()

    def tell(self, state: str, text: str = "") -> None:
        """Let browsers know how the build goes."""
        with self.changed:
            self.state, self.text = state, text
            self.number += 1
            self.changed.notify_all()

    def take_in(self, names: Iterable[str]) -> None:
        """Read what is new of the handouts `names`; of one that is not there, what was there before is kept."""
        listed, found = list(names), {}
        for path in [self.folder / f"{name}{kind}" for name in listed for kind in KINDS]:
            with suppress(FileNotFoundError):  # where the build has set it aside
                stamp = (path.stat().st_ino, path.stat().st_mtime_ns)
                if self.stamps.get(path.name) != stamp:
                    found[path.name] = path.read_bytes()
                    self.stamps[path.name] = stamp
        with self.changed:
            self.names = listed
            self.files |= found

    def event(self) -> tuple[int, str]:
        """Return how things stand as one line of JSON, with its number."""
        with self.changed:
            digests = {name: digest(self.files.get(f"{name}.html")) for name in self.names}
            return self.number, json.dumps({"state": self.state, "text": self.text, "pages": digests})

    def wait(self, number: int, seconds: float) -> bool:
        """Return whether there is a change after that with this `number`, as soon as there is, or after `seconds`."""
        with self.changed:
            return self.changed.wait_for(lambda: self.number > number, seconds)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Count a browser that listens."""
        with self.changed:
            self.readers += 1
        try:
            yield
        finally:
            with self.changed:
                self.readers -= 1


def digest(page: bytes | None) -> str:
    """Return a short digest of a page; nothing where there is none."""
    return hashlib.sha256(page).hexdigest()[:16] if page else ""
