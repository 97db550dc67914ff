"""The places that raw data are taken from, one after another, until nothing is missing."""

from dataclasses import dataclass, field
from pathlib import Path

from reprose.base.errors import ReproseError
from reprose.data.archives import extract, matches
from reprose.data.download import AbsentError, Network, UnobtainableError, download, wrong_digest
from reprose.data.mirror import Mirror
from reprose.data.source import Source

Manifest = dict[str, dict[str, str]]  # file -> {"sha256": ..., and "substitute": note where it is one}


@dataclass(frozen=True)
class Haul:
    """What one call of `obtain` has got so far, and where it looked in vain."""

    source: Source
    dataset: str
    staging: Path
    network: Network
    manifest: Manifest = field(default_factory=dict)
    tried: list[str] = field(default_factory=list)

    def missing(self) -> list[str]:
        """Return the files not yet got."""
        return [file for file in self.source.files if file not in self.manifest]

    def accept(self, file: str, found: str, expected: str, place: str, substitute: str = "") -> None:
        """Enter `file` into the manifest with its full digest; bytes with another one than expected are an error."""
        if not matches(found, expected):
            remedy = (
                f"Replace it there by the official file of {self.source.title} ({self.source.homepage}), or remove "
                "it there so that the next place is tried."
            )
            name = f"'{file}' of data set '{self.dataset}' from {place}"
            raise wrong_digest(name, "SHA-256", found, expected, remedy)
        self.manifest[file] = {"sha256": found} | ({"substitute": substitute} if substitute else {})

    def unpack(self, archive: Path, place: str, wrong: dict[str, tuple[str, str]]) -> None:
        """Take the missing files out of `archive`; note in `wrong` the digest and place of those that do not match."""
        found = extract(archive, self.source.wanted(self.missing()), self.staging)
        for file, digest in found.items():
            if matches(digest, self.source.files[file]):
                self.accept(file, digest, digest, place)
            else:
                wrong[file] = (digest, place)


def from_mirror(haul: Haul, mirror: Mirror) -> None:
    """Take from the mirror what it has: the files themselves, members of its archives, then declared substitutes."""
    try:
        reasons = mirror_files(haul, mirror)
        looked = mirror_archives(haul, mirror) if haul.missing() else []
        if haul.missing():
            mirror_substitutes(haul, mirror)
    except UnobtainableError as error:
        haul.tried.append(f"{error.place} (the mirror): {error.reason}")
        return
    if files := haul.missing():
        haul.tried.append(
            f"{mirror.place(haul.dataset)} (the mirror): {', '.join(files)}: {'; '.join(sorted(reasons))}; archives "
            f"looked into: {', '.join(looked) or 'none'}; no substitute is declared in substitutes.yaml"
        )


def mirror_files(haul: Haul, mirror: Mirror) -> set[str]:
    """Take the files that lie in the mirror as they are; return the reasons for those that do not."""
    reasons = set()
    for file in haul.missing():
        expected = haul.source.files[file]
        try:
            found = mirror.get(haul.staging / file, haul.dataset, file, sha256=expected)
            haul.accept(file, found, expected, mirror.place(haul.dataset, file))
        except AbsentError as error:
            reasons.add(error.reason)
    return reasons


def mirror_archives(haul: Haul, mirror: Mirror) -> list[str]:
    """Take missing files out of the mirror's archives; return the names of those looked into."""
    wrong: dict[str, tuple[str, str]] = {}
    looked = []
    official = tuple(archive.name for archive in haul.source.archives)
    for name, sha256 in mirror.archives(haul.dataset, haul.staging, official).items():
        if name in haul.source.files or not haul.missing():
            continue
        path = mirror.folder / haul.dataset / name if mirror.folder else haul.staging / f"mirror-{name}"
        if not mirror.folder:
            try:
                mirror.get(path, haul.dataset, name, sha256=sha256)
            except AbsentError:
                continue
        haul.unpack(path, mirror.place(haul.dataset, name), wrong)
        looked.append(name)
    for file in haul.missing():
        if file in wrong:
            haul.accept(file, wrong[file][0], haul.source.files[file], wrong[file][1])
    return looked


def mirror_substitutes(haul: Haul, mirror: Mirror) -> None:
    """Take substitutes for the missing files, where the mirror declares them and their digest is as declared."""
    declared = mirror.substitutes(haul.dataset, haul.staging)
    for file in haul.missing():
        if substitute := declared.get(file):
            place = mirror.place(haul.dataset, substitute.file)
            try:
                found = mirror.get(haul.staging / file, haul.dataset, substitute.file, sha256=substitute.sha256)
            except AbsentError as error:
                raise ReproseError(
                    f"{mirror.place('substitutes.yaml')}: declares '{substitute.file}' for '{file}', but {place}: "
                    f"{error.reason}. Put the file there or remove the declaration."
                ) from error
            haul.accept(file, found, substitute.sha256, place, substitute.note)


def from_urls(haul: Haul) -> None:
    """Download the missing files that are served singly; stop at the first that cannot be had."""
    for file in haul.missing():
        if url := haul.source.urls.get(file):
            try:
                found = download(url, haul.staging / file, haul.source.files[file], network=haul.network)
            except UnobtainableError as error:
                haul.tried.append(f"{url}: {error.reason}")
                return
            haul.accept(file, found, haul.source.files[file], url)


def from_archives(haul: Haul) -> None:
    """Download the official archives of the missing files, verify them where a digest is known, and unpack."""
    for number, archive in enumerate(haul.source.archives):
        if not set(archive.members) & set(haul.missing()):
            continue
        path = haul.staging / f"official-{number}-{archive.name}"
        wrong: dict[str, tuple[str, str]] = {}
        try:
            download(archive.url, path, archive.sha256 or "", archive.md5 or "", haul.network)
        except UnobtainableError as error:
            haul.tried.append(f"{archive.url}: {error.reason}")
            continue
        haul.unpack(path, archive.url, wrong)
        for file, (found, place) in wrong.items():
            haul.accept(file, found, haul.source.files[file], place)
        if absent := set(archive.members) & set(haul.missing()):
            haul.tried.append(f"{archive.url}: has no member for {', '.join(sorted(absent))}")
