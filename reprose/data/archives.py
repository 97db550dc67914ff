"""Safe unpacking: named members only, verified by SHA-256, no links, no paths that leave, no bombs, no half files."""

import gzip
import hashlib
import lzma
import os
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

from reprose.base.errors import ReproseError

LIMIT = 8 * 1024**3  # bytes, unpacked: far above any data set here, far below what fills a disk
MEMBERS = 1_000_000  # entries: an archive with more is built to exhaust memory
BLOCK = 1024**2  # bytes
TAR = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2")
KINDS = (*TAR, ".zip", ".gz")
BY_HAND = "Unpack it by hand and put the files themselves in its place."
# What the readers of the standard library raise on damaged bytes, as fuzzing shows.
READING = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error)
DAMAGE = (*READING, EOFError, LookupError, RuntimeError, ValueError, OverflowError, OSError)


class ArchiveError(ReproseError):
    """An archive that nothing can be taken from; another may be better."""


@dataclass(frozen=True)
class Wanted:
    """A file to take out of an archive: its digest, and the member paths that may hold it."""

    sha256: str  # in full, or its first digits
    paths: tuple[str, ...]  # a member fits when its path is one of these, or ends in '/' and one of these

    def fits(self, path: str) -> bool:
        """Return whether a file at `path`, between slashes, may be it."""
        return any(f"/{path}".endswith(f"/{end}") for end in self.paths)


@dataclass(frozen=True)
class Member:
    """One entry of an archive, not yet read."""

    name: str
    size: int  # bytes, as the archive states it; 0 where it does not say
    folder: bool
    regular: bool  # neither a link nor a device
    encrypted: bool
    open: Callable[[], IO[bytes] | None]


def is_archive(name: str) -> bool:
    """Return whether a file of this name is read as an archive: a tar of any compression, a zip or a gzip file."""
    return name.lower().endswith(KINDS)


def is_plain(name: str) -> bool:
    """Return whether `name` is a file name that stays in its folder."""
    return bool(re.fullmatch(r"[^/\\\0]+", name)) and name not in (".", "..")


def is_sha256(text: str) -> bool:
    """Return whether `text` is a SHA-256 in lower-case hexadecimal digits."""
    return bool(re.fullmatch(r"[0-9a-f]{64}", text))


def is_stated(text: str) -> bool:
    """Return whether `text` can state the SHA-256 of a file: in full, or by at least its first 8 digits."""
    return bool(re.fullmatch(r"[0-9a-f]{8,64}", text))


def matches(found: str, stated: str) -> bool:
    """Return whether the digest `found` is the stated one, or begins with the digits that are stated."""
    return found.startswith(stated)


def save(stream: IO[bytes], target: Path, where: str, limit: int = LIMIT) -> str:
    """Write `stream` to `target` by one rename and return its SHA-256; more than `limit` bytes are an error."""
    digest, size = hashlib.sha256(), 0
    temporary = target.with_name(f"{target.name}.new")
    try:
        with open(temporary, "wb") as file:
            while block := stream.read(BLOCK):
                size += len(block)
                if size > limit:
                    raise too_large(where, limit)
                digest.update(block)
                file.write(block)
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
    return digest.hexdigest()


def extract(archive: Path, wanted: Mapping[str, Wanted], folder: Path, limit: int = LIMIT) -> dict[str, str]:
    """Write the wanted files that `archive` holds into `folder`; return the digest seen for each, right or wrong.

    A member of fitting name but wrong digest is not kept; a file without any fitting member is not in the result.
    """
    found: dict[str, str] = {}
    try:
        for member in members(archive, limit):
            for file in fitting(member, wanted):
                if not matches(found.get(file, ""), wanted[file].sha256):
                    found[file] = take(archive, member, wanted[file].sha256, folder / file, limit)
            if all(matches(found.get(file, ""), wanted[file].sha256) for file in wanted):
                break
    except NotImplementedError as error:  # a RuntimeError
        raise ArchiveError(f"{archive}: packed in a way that Python cannot read ({error}). {BY_HAND}") from error
    except DAMAGE as error:
        raise unreadable(archive, folder, error) from error
    return found


def take(archive: Path, member: Member, sha256: str, target: Path, limit: int) -> str:
    """Write `member` to `target` if its digest is as stated; return the digest in any case."""
    where = f"{archive}, member '{member.name}'"
    if member.encrypted:
        raise ArchiveError(f"{where}: is encrypted. {BY_HAND}")
    stream = member.open() if member.regular else None
    if stream is None:
        raise ArchiveError(f"{where}: is a link or a device, allowed: a regular file. Do not use this archive.")
    if member.size > limit:
        raise too_large(where, limit)
    candidate = target.with_name(f"{target.name}.candidate")
    try:
        with stream:
            digest = save(stream, candidate, where, limit)
        if matches(digest, sha256):
            os.replace(candidate, target)
    finally:
        candidate.unlink(missing_ok=True)
    return digest


def fitting(member: Member, wanted: Mapping[str, Wanted]) -> list[str]:
    """Return the wanted files that `member` may be, judged by its path; some archives of Windows part it by '\\'."""
    path = member.name.replace("\\", "/")
    return [] if member.folder else [file for file, item in wanted.items() if item.fits(path)]


def members(archive: Path, limit: int = LIMIT) -> Iterator[Member]:
    """Yield the entries of `archive` in order; a path that leaves the archive's folder is an error."""
    name = archive.name.lower()
    kinds = ((TAR, tar_members), (".zip", zip_members), (".gz", gzip_member))  # in this order: .tar.gz is a tar
    walk = next((walk for ends, walk in kinds if name.endswith(ends)), None)
    if walk is None:
        raise ArchiveError(f"{archive}: not a known kind of archive. Allowed: {', '.join(KINDS)}.")
    if not archive.stat().st_size:
        raise EOFError("the file is empty")
    for count, member in enumerate(walk(archive, limit)):
        parts = re.split(r"[/\\]", member.name)
        if parts[0] == "" or parts[0].endswith(":") or ".." in parts:
            raise ArchiveError(
                f"{archive}: the member '{member.name}' has a path that leaves its folder. Allowed: relative paths "
                "without '..'. No honest archive holds such a member: delete it and fetch the official one."
            )
        if count >= MEMBERS:
            raise ArchiveError(f"{archive}: more than {MEMBERS:,} members. Delete it and fetch the official archive.")
        yield member


def tar_members(archive: Path, limit: int) -> Iterator[Member]:
    """Yield the entries of a tar archive, in one pass and never beyond `limit` unpacked bytes."""
    with tarfile.open(archive, "r:*") as tar:
        for item in tar:
            if item.size < 0 or item.offset_data + item.size > limit:
                raise too_large(f"{archive}, member '{item.name}'", limit)
            yield Member(item.name, item.size, item.isdir(), item.isreg(), False, partial(tar.extractfile, item))


def zip_members(archive: Path, limit: int) -> Iterator[Member]:
    """Yield the entries of a zip archive; its links are told by the Unix mode that it stores."""
    with zipfile.ZipFile(archive) as file:
        for item in file.infolist():
            kind = stat.S_IFMT(item.external_attr >> 16)
            regular = kind in (0, stat.S_IFREG)
            encrypted = bool(item.flag_bits & 1)
            yield Member(item.filename, item.file_size, item.is_dir(), regular, encrypted, partial(file.open, item))


def gzip_member(archive: Path, limit: int) -> Iterator[Member]:
    """Yield the one file in a gzip file, named as the archive without its ending."""
    yield Member(archive.name[: -len(".gz")], 0, False, True, False, partial(_Gunzip, archive))


class _Gunzip(gzip.GzipFile):
    """What a gzip file holds, without what follows its end, as the program gunzip reads it; the digest tells."""

    def read(self, size: int | None = -1) -> bytes:
        try:
            return self.read1(size)  # whose error comes after the last good bytes
        except gzip.BadGzipFile as error:
            if self.tell() and "Not a gzipped file" in str(error):
                return b""
            raise


def too_large(where: str, limit: int) -> ArchiveError:
    """Return the error for data that unpack to more than `limit` bytes."""
    return ArchiveError(
        f"{where}: unpacks to more than {limit:,} bytes, the most that is allowed. "
        "Delete the archive and fetch the official one."
    )


def unreadable(archive: Path, folder: Path, error: Exception) -> ReproseError:
    """Return the error for an archive that could not be read, or whose content could not be written."""
    if isinstance(error, OSError) and error.errno is not None:  # the system's; those of bad bytes carry no number
        return ReproseError(
            f"{archive}: could not be unpacked into {folder} ({error}). Check permissions and free disk space."
        )
    return ArchiveError(
        f"{archive}: the archive is damaged or cut short ({type(error).__name__}: {error}). "
        "Delete it and fetch it again."
    )
