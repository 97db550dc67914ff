"""What the module of a data set states about its raw data: title, terms, official addresses, SHA-256 of every file.

Where a publisher gives only the first digits of a SHA-256, as in the file names of PyTorch's weights, a file may be
stated by those, at least 8. That finds damage; it does not withstand somebody who forges a file on purpose, so what
reads such a file must be safe on any bytes. The manifest records the full digest of what was found, and from there on
that is what counts.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from reprose.base.errors import ReproseError
from reprose.data.archives import Wanted, is_archive, is_plain, is_stated


@dataclass(frozen=True)
class Archive:
    """An official archive: its address, which member is which file, and its own digest where one is published."""

    url: str
    members: Mapping[str, str]  # file -> path inside the archive
    sha256: str | None = None
    md5: str | None = None

    @property
    def name(self) -> str:
        """Return the archive's file name."""
        return unquote(urlsplit(self.url).path).rpartition("/")[2]


@dataclass(frozen=True)
class Source:
    """The origin of a data set: its files with their SHA-256, and the official addresses that serve them."""

    title: str
    homepage: str
    licence: str
    citation: str  # key in the bibliography
    files: Mapping[str, str]  # file -> SHA-256, or its first digits
    archives: tuple[Archive, ...] = ()
    urls: Mapping[str, str] = field(default_factory=dict)  # file -> address, for files served singly
    manual: str = ""  # what to fetch by hand where there is no public address

    def addresses(self, file: str) -> list[str]:
        """Return the official addresses that serve `file`, itself or in an archive."""
        single = [self.urls[file]] if file in self.urls else []
        return single + [archive.url for archive in self.archives if file in archive.members]

    def wanted(self, files: list[str]) -> dict[str, Wanted]:
        """Return what to look for in an archive that may hold `files`, under any folder."""
        paths = {file: [item.members[file] for item in self.archives if file in item.members] for file in files}
        return {file: Wanted(self.files[file], (*paths[file], file)) for file in files}


def check(source: Source) -> None:
    """Refuse a source that could not be fetched as it is stated.

    Not part of making a `Source`: a record without code of its own keeps the data set modules free of import effects.
    """
    for file, sha256 in source.files.items():
        if not is_plain(file) or not is_stated(sha256):
            raise ReproseError(
                f"{source.title}: '{file}': '{sha256}', allowed: a file name and its SHA-256, or 8 or more of its first"
                " digits."
            )
    served = {*source.urls, *(file for archive in source.archives for file in archive.members)}
    if unknown := served - set(source.files):
        raise ReproseError(f"{source.title}: {', '.join(sorted(unknown))}: served, but not in `files`.")
    for archive in source.archives:
        if not is_archive(archive.name):
            raise ReproseError(f"{source.title}: {archive.url} has no file name of an archive (.tar.gz, .zip, ...).")
        if archive.md5 and not re.fullmatch("[0-9a-f]{32}", archive.md5):
            raise ReproseError(f"{source.title}: {archive.url}: '{archive.md5}', allowed: an MD5 of 32 digits 0-9a-f.")
