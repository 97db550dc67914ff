"""Small packages for the tests of the fingerprint, written as {file: text}."""

from pathlib import Path

from reprose.code.fingerprint import Fingerprint, fingerprint
from reprose.code.syntax import Roots

Files = dict[str, str]


def at(folder: Path) -> Roots:
    """Return the roots of code whose modules lie in `folder` itself."""
    return (("", folder),)


def write(root: Path, files: Files) -> Path:
    """Write `files` under `root` and return it."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def taken(folder: Path, files: Files, entry: str = "main:main") -> Fingerprint:
    """Return the fingerprint of `entry` in a package of its own."""
    root = folder / str(len(list(folder.iterdir())))
    return fingerprint([entry], at(write(root, files)))


def digest_moves(folder: Path, files: Files, name: str, old: str, new: str, entry: str = "main:main") -> bool:
    """Return whether replacing `old` by `new` in the file `name` changes the fingerprint of `entry`."""
    assert files[name].count(old) == 1, f"{old!r} is not once in {name}"
    edited = files | {name: files[name].replace(old, new)}
    return taken(folder, files, entry).digest != taken(folder, edited, entry).digest
