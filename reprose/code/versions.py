"""The versions of the packages that code imports, and of what else changes what Python does."""

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from hashlib import sha256
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from reprose.base.canonical import file_digest, text_digest
from reprose.base.errors import ReproseError

ABSENT = "absent"
CUSTOMIZED = ("sitecustomize", "usercustomize")  # modules that Python imports at its start, where there are any
INSTALLED = {"site-packages", "dist-packages"}
SKIPPED = INSTALLED | {"__pycache__", "node_modules"}
State = tuple[tuple[str, int, int], ...]  # path, nanoseconds and bytes of each file
_digests: dict[Path, tuple[State, str]] = {}


def versions(
    packages: Iterable[str], optional: Iterable[str] = (), place: Callable[[str], str] = lambda package: ""
) -> dict[str, str]:
    """Return the installed version of each package, and of Python ("3.11"); only `optional` ones may be missing.

    `place` tells where a package is imported: "scripts/problems/toy/train.py:7", or "" where that is not known.
    """
    python = {"python": f"{sys.version_info.major}.{sys.version_info.minor}"}
    allowed = frozenset(optional)
    for name in sorted(packages):
        if name not in allowed and not _distributions(name):
            where = f"{found}: " if (found := place(name)) else ""
            raise ReproseError(
                f"{where}the package '{name}' is imported by the code of a step, but not installed."
                f" Run `pip install -r requirements.txt`, or add it there."
            )
    return python | {name: _version(name) for name in sorted(packages)} | _customized()


def _customized() -> dict[str, str]:
    """Return the digests of the modules that Python has imported at its start to change itself."""
    files = {name: getattr(sys.modules.get(name), "__file__", None) for name in CUSTOMIZED}
    return {name: file_digest(Path(file)) for name, file in files.items() if file}


def _version(package: str) -> str:
    """Return the installed version of the package that is imported as `package`; "absent" where it is not."""
    found = _distributions(package)
    if len(found) == 1:
        return _state(found[0])
    return ", ".join(f"{name} {_state(name)}" for name in found) or ABSENT


@cache
def _distributions(package: str) -> list[str]:
    """Return the distributions that give the package `package`: one of its name that does, or else all that may."""
    try:
        named = metadata.distribution(package)
    except metadata.PackageNotFoundError:
        return _giving(package) or _edited(package)
    if _holds(named, package):
        return [named.name]
    return sorted({named.name, *_giving(package)})  # "sklearn" is not what gives sklearn


def _giving(package: str) -> list[str]:
    """Return the distributions that say, or whose lists of files show, that they give a package."""
    return sorted({each.name for each in _installed_distributions() if _gives(each, package)})


def _gives(distribution: metadata.Distribution, package: str) -> bool:
    said = (distribution.read_text("top_level.txt") or "").split()
    return package in said if said else _holds(distribution, package)


@cache
def _installed_distributions() -> list[metadata.Distribution]:
    return list(metadata.distributions())


def _edited(package: str) -> list[str]:
    """Return the distributions in whose folders one can edit a package, which they do not list."""
    spec = find_spec(package)
    places = [*(spec.submodule_search_locations or []), *([spec.origin] if spec.origin else [])] if spec else []
    folders = {each.name: _editable_folder(each) for each in _installed_distributions()} if places else {}
    found = {name for name, folder in folders.items() for place in places if folder and folder in Path(place).parents}
    return sorted(found)


def _holds(distribution: metadata.Distribution, package: str) -> bool:
    """Return whether a distribution lists files of a package; one that can be edited lists none."""
    listed = f"{distribution.read_text('RECORD') or ''}\n{distribution.read_text('installed-files.txt') or ''}"
    return bool(re.search(rf"^(?:\.\./)*{re.escape(package)}[/.]", listed, flags=re.MULTILINE))


def _state(name: str) -> str:
    """Return the version of a distribution; with a digest of its code where that can change under one version."""
    version, folder = _installed(name)
    return f"{version}+{_folder_digest(folder)[:12]}" if folder else version


@cache
def _installed(name: str) -> tuple[str, Path | None]:
    """Return the version of a distribution, and the folder in which one can edit its code, if there is one."""
    distribution = metadata.distribution(name)
    folder = _editable_folder(distribution)
    if not folder and distribution.read_text("direct_url.json"):  # installed from a folder or a repository
        record = distribution.read_text("RECORD") or ""
        code = sorted(line for line in record.splitlines() if line.split(",")[0].endswith((".py", ".so", ".pyd")))
        return f"{distribution.version}+{text_digest(chr(10).join(code))[:12]}", None
    return distribution.version, folder


def _editable_folder(distribution: metadata.Distribution) -> Path | None:
    """Return the folder in which one can edit the code of a distribution, if there is one."""
    origin = json.loads(distribution.read_text("direct_url.json") or "{}")
    if origin.get("dir_info", {}).get("editable"):
        return Path(url2pathname(urlsplit(origin["url"]).path))
    place = Path(str(distribution.locate_file(""))).resolve()
    return None if INSTALLED & set(place.parts) else place


def _folder_digest(folder: Path) -> str:
    """Return the digest of the Python files in `folder`, read again only where one has changed."""
    files = sorted(_python_files(folder))
    state = tuple((str(path), (status := path.stat()).st_mtime_ns, status.st_size) for path in files)
    if _digests.get(folder, ((), ""))[0] != state:
        content = sha256()
        for path in files:
            content.update(f"{path.relative_to(folder)} {file_digest(path)}\n".encode())
        _digests[folder] = (state, content.hexdigest())
    return _digests[folder][1]


def _python_files(folder: Path) -> Iterator[Path]:
    """Yield the Python files in `folder`, without those of environments and of hidden folders."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            if path.name not in SKIPPED and not path.name.startswith("."):
                yield from _python_files(path)
        elif path.suffix == ".py" and not path.name.startswith(".") and path.is_file():
            yield path
