"""The places that raw data are taken from, one after another, until nothing is missing."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

from reprose.base.errors import ReproseError
from reprose.data.archives import ArchiveError, extract, matches
from reprose.data.download import (
    AbsentError,
    Network,
    UnobtainableError,
    WrongDigestError,
    download,
    wrong_digest,
)
from reprose.data.mirror import Mirror
from reprose.data.source import Archive, Source

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
    downloaded: set[str] = field(default_factory=set)  # files from official servers: a call that fails keeps them

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

    def unpack(self, archive: Path, place: str, wrong: dict[str, tuple[str, str]]) -> bool:
        """Take the missing files out of `archive`; note in `wrong` the digest and place of those that do not match.

        Return whether it can be read; one that cannot is entered among what was tried, and does no more harm.
        """
        try:
            found = extract(archive, self.source.wanted(self.missing()), self.staging)
        except ArchiveError as error:
            self.pass_over(str(error).replace(str(archive), place))
            return False
        for file, digest in found.items():
            if matches(digest, self.source.files[file]):
                self.accept(file, digest, digest, place)
            else:
                wrong[file] = (digest, place)
        return True

    def pass_over(self, told: str) -> None:
        """Note why an archive is of no use, for the log and for the error if nothing else has what is missing."""
        print(f"passed over: {told}", file=sys.stderr, flush=True)
        self.tried.append(told)


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
    """Take the files that lie in the mirror as they are; return the reasons for those that do not.

    A wrong one in the place of the file is an error. One deeper down may belong to something else, and is passed over.
    """
    reasons = set()
    for file, wanted in haul.source.wanted(haul.missing()).items():
        for path in mirror.candidates(haul.dataset, wanted):
            names = (haul.dataset, *path.split("/"))
            try:
                found = mirror.get(haul.staging / file, *names, sha256=wanted.sha256)
            except AbsentError as error:
                reasons.add(error.reason)
                continue
            if path == file or matches(found, wanted.sha256):
                haul.accept(file, found, wanted.sha256, mirror.place(*names))
                break
            reasons.add(f"{path} has another SHA-256 ({found})")
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
            except WrongDigestError as error:
                haul.pass_over(str(error))
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
            haul.downloaded.add(file)


def from_archives(haul: Haul) -> None:
    """Download the official archives of the missing files, verify them where a digest is known, and unpack."""
    for number, archive in enumerate(haul.source.archives):
        if not set(archive.members) & set(haul.missing()):
            continue
        path = haul.staging / f"official-{number}-{archive.name}"
        before = haul.missing()
        wrong: dict[str, tuple[str, str]] = {}
        try:
            whole = download_archive(haul, archive, path, wrong)
        except UnobtainableError as error:
            haul.tried.append(f"{archive.url}: {error.reason}")
            continue
        for file, (found, place) in wrong.items():
            haul.accept(file, found, haul.source.files[file], place)
        haul.downloaded.update(set(before) - set(haul.missing()))
        absent = set(archive.members) & set(haul.missing())
        if whole and absent:
            haul.tried.append(f"{archive.url}: has no member for {', '.join(sorted(absent))}")


def download_archive(haul: Haul, archive: Archive, path: Path, wrong: dict[str, tuple[str, str]]) -> bool:
    """Download an official archive and unpack it; return whether it can be read.

    One that cannot be read and has no digest of its own may have been cut short unnoticed: it is fetched once more.
    """
    stated = (archive.sha256 or "", archive.md5 or "")
    for _ in range(1 if any(stated) else 2):
        download(archive.url, path, *stated, haul.network)
        if haul.unpack(path, archive.url, wrong):
            return True
    return False
