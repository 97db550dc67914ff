"""A data set of two small files, and the places that a test gets it from."""

import hashlib
import zipfile
from pathlib import Path

import yaml

from local_server import Answer
from reprose.data.download import Network
from reprose.data.obtain import Source

DATA, ITEM, PART = b"1\t2\t3\n" * 1000, b"1|Toy Story\n", b"1\t2\t3\n" * 10
QUICK = Network(attempts=2, pause=0.01, connect=5, read=5)
BOTH = {"u.data": DATA, "u.item": ITEM}
MANIFEST = {name: {"sha256": hashlib.sha256(data).hexdigest()} for name, data in BOTH.items()}
MEMBERS = {"u.data": "ml-100k/u.data", "u.item": "ml-100k/u.item"}


def source(**changes) -> Source:
    """Return the source of two files, without any official address unless `changes` give one."""
    files = {name: entry["sha256"] for name, entry in MANIFEST.items()}
    facts = {"title": "MovieLens", "homepage": "https://home", "licence": "free", "citation": "key", "files": files}
    return Source(**(facts | changes))


def answers(prefix: str = "/") -> dict[str, list[Answer]]:
    """Return what a server answers that has both files."""
    return {f"{prefix}{name}": [Answer(data)] for name, data in BOTH.items()}


def official_archive(folder: Path) -> bytes:
    """Return the bytes of the official archive of both files, written into `folder`."""
    return zipped(folder / "a.zip", {MEMBERS[name]: data for name, data in BOTH.items()})


def substituted(mirror: Path, **changes) -> None:
    """Let the mirror have one file, and declare a part of the other as its substitute."""
    put(mirror / "ml", {"u.item": ITEM, "u.data.partial": PART})
    declare(mirror, **changes)


def put(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        (folder / name).write_bytes(data)


def zipped(path: Path, members: dict[str, bytes]) -> bytes:
    """Write a zip archive and return its bytes."""
    with zipfile.ZipFile(path, "w") as file:
        for name, data in members.items():
            file.writestr(name, data)
    return path.read_bytes()


def declare(mirror: Path, data: bytes = PART, **changes) -> None:
    """Declare `u.data.partial` as the substitute of `u.data`, with the digest of `data`."""
    entry = {"dataset": "ml", "official": "u.data", "file": "u.data.partial", "note": "10 of 1,000 lines"}
    entry |= {"sha256": hashlib.sha256(data).hexdigest()} | changes
    (mirror / "substitutes.yaml").write_text(yaml.safe_dump([entry]))


def nothing_left(folder: Path) -> bool:
    return not folder.exists() and not list(folder.parent.glob(".*"))


def check_filled(folder: Path) -> None:
    """Fail unless `folder` holds both files and no temporary one lies in or beside it."""
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == BOTH
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
