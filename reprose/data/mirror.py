"""The mirror: a folder or web address, laid out as `<mirror>/<dataset>/<file>`, asked before the official servers."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import yaml

from reprose.base.errors import HIDDEN, ReproseError
from reprose.data.archives import Wanted, is_archive, is_plain, is_sha256, save
from reprose.data.download import NETWORK, AbsentError, Network, download
from reprose.data.mirror_address import VARIABLE

ENTRY = ("dataset", "official", "file", "sha256", "note")  # the keys of one declaration in substitutes.yaml


@dataclass(frozen=True)
class Substitute:
    """A file that stands for an official one which the mirror does not have."""

    file: str
    sha256: str
    note: str  # what is missing in it


@dataclass(frozen=True)
class Mirror:
    """The mirror's location: a local folder, or the base of its addresses."""

    folder: Path | None
    url: str = ""
    network: Network = NETWORK

    def place(self, *names: str) -> str:
        """Return where the mirror would hold `names`, as a path or an address; a query stays at the end of that."""
        if self.folder:
            return str(self.folder.joinpath(*names))
        parts = urlsplit(self.url)
        return parts._replace(path="/".join([parts.path.rstrip("/"), *map(quote, names)])).geturl()

    def get(self, target: Path, *names: str, sha256: str = "") -> str:
        """Copy the file at `names` to `target` and return its SHA-256; raise `AbsentError` if the mirror lacks it."""
        place = self.place(*names)
        if not self.folder:
            return download(place, target, sha256, network=self.network)
        if not Path(place).is_file():
            raise AbsentError(place, "no such file")
        with open(place, "rb") as stream:
            return save(stream, target, place)

    def candidates(self, dataset: str, wanted: Wanted) -> list[str]:
        """Return where in the data set's folder a file may lie, as such or as an archive unpacks, the best place first.

        A server cannot list its folder: there, only the places that are known.
        """
        *inside, plain = wanted.paths
        deeper = [path for path in self._listed(dataset) if wanted.fits(path)] if self.folder else []
        return list(dict.fromkeys([plain, *inside, *deeper]))

    def _listed(self, dataset: str) -> Iterator[str]:
        """Yield the paths of all files in the data set's folder, without hidden ones such as the shadows of macOS."""
        top = self.folder / dataset
        for folder, folders, files in os.walk(top):
            folders[:] = sorted(name for name in folders if not is_shadow(name))
            yield from (Path(folder, name).relative_to(top).as_posix() for name in sorted(files) if not is_shadow(name))

    def has(self, *names: str) -> bool:
        """Return whether the mirror may hold `names`: certain for a folder, not asked of a server."""
        return not self.folder or Path(self.place(*names)).is_file()

    def text(self, scratch: Path, name: str) -> str:
        """Return the text file `name` at the mirror's top, or '' where there is none."""
        path = self.folder / name if self.folder else scratch / name
        try:
            if not self.folder:
                self.get(path, name)
            return path.read_text(encoding="utf-8-sig") if path.is_file() else ""
        except AbsentError:
            return ""
        except UnicodeDecodeError as error:
            raise ReproseError(f"{self.place(name)}: not UTF-8 text ({error}). Save it as UTF-8.") from error

    def archives(self, dataset: str, scratch: Path, official: tuple[str, ...]) -> dict[str, str]:
        """Return the archives in the data set's folder, each with its SHA-256 or ''.

        A server cannot list its folder: there, those that `SHA256SUMS` at its top names, and the official names.
        """
        if self.folder:
            folder = self.folder / dataset
            names = sorted(path.name for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []
            return {name: "" for name in names if is_archive(name) and not is_shadow(name)}
        lines = re.findall(r"^([0-9a-f]{64}) [ *](.+)$", self.text(scratch, "SHA256SUMS"), re.MULTILINE)
        listed = {path.removeprefix(f"{dataset}/"): sha256 for sha256, path in lines if path.startswith(f"{dataset}/")}
        usable = {name for name in listed if is_archive(name) and is_plain(name) and not is_shadow(name)}
        known = {name: sha256 for name, sha256 in listed.items() if name in usable}
        return dict.fromkeys(official, "") | known

    def substitutes(self, dataset: str, scratch: Path) -> dict[str, Substitute]:
        """Return what `substitutes.yaml` at the mirror's top declares for the data set, by official file name."""
        place = self.place("substitutes.yaml")
        try:
            entries = yaml.safe_load(self.text(scratch, "substitutes.yaml")) or []
        except yaml.YAMLError as error:
            raise ReproseError(f"{place}: not valid YAML ({error}). Correct it or remove it.") from error
        if not isinstance(entries, list):
            raise ReproseError(f"{place}: holds a {type(entries).__name__}, allowed: a list of declarations.")
        checked = [declared(entry, f"{place}, entry {number}") for number, entry in enumerate(entries, start=1)]
        mine = [entry for entry in checked if entry["dataset"] == dataset]
        return {entry["official"]: Substitute(entry["file"], entry["sha256"], entry["note"]) for entry in mine}


def open_mirror(location: str | None, network: Network = NETWORK) -> Mirror | None:
    """Return the mirror at `location` (a folder, or an http, https or file address); None where it is empty."""
    if not location:
        return None
    try:
        parts = urlsplit(location)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and not re.search(r"\s", location):
            return Mirror(None, location, network)
        folder = Path(unquote(parts.path) if parts.scheme == "file" else location).expanduser()
        found = folder.is_dir()
    except (ValueError, RuntimeError, OSError):  # a port that is no number, a bracket too few; an unknown ~user
        found = False
    if not found:
        raise ReproseError(
            f"{VARIABLE} is '{hidden(location)}', which is no folder here. Allowed: an existing folder with one "
            "subfolder per data set, or a well-formed address that starts with http://, https:// or file:// (in a "
            "password, write signs such as / and @ by their codes, %2F and %40)."
        )
    return Mirror(folder)


def hidden(location: str) -> str:
    """Return a location without user and password, also where it is malformed."""
    return re.sub(r"(\w+://)?\S*:.*@", rf"\1{HIDDEN}@", location)


def is_shadow(name: str) -> bool:
    """Return whether a file or folder of this name is none of the user's: hidden, as the '._' files of macOS are."""
    return name.startswith(".") or name == "__MACOSX"


def declared(entry: object, where: str) -> Mapping[str, str]:
    """Return one declaration of substitutes.yaml, checked."""
    if not isinstance(entry, dict) or set(entry) != set(ENTRY):
        raise ReproseError(f"{where}: found {entry!r}, allowed: exactly the keys {', '.join(ENTRY)}.")
    for key in ENTRY:
        if not isinstance(entry[key], str) or not entry[key]:
            raise ReproseError(f"{where}: '{key}' is {entry[key]!r}, allowed: text (put it in quotes).")
    if not is_plain(entry["file"]):
        raise ReproseError(f"{where}: 'file' is '{entry['file']}', allowed: a file name without folders.")
    if not is_sha256(entry["sha256"]):
        raise ReproseError(f"{where}: 'sha256' is '{entry['sha256']}', allowed: 64 digits 0-9a-f.")
    return entry
