"""The getting of raw data: the mirror first, then the official servers, every file verified by SHA-256."""

import os
import shutil
from pathlib import Path

from reprose.base.canonical import file_digest
from reprose.base.errors import ReproseError
from reprose.data.archives import matches
from reprose.data.download import NETWORK, Network, refusal
from reprose.data.mirror import Mirror, open_mirror
from reprose.data.places import Haul, Manifest, from_archives, from_mirror, from_urls
from reprose.data.source import Archive as Archive  # data set modules import it and Source from here
from reprose.data.source import Source, check


def obtain(
    source: Source, dataset: str, folder: Path, mirror: str | None = None, network: Network = NETWORK
) -> Manifest:
    """Fill `folder` with the files of `source`, each verified by SHA-256; return file -> digest (and substitute).

    Files that `folder` already holds with the right digest stay; other entries are left alone. On an error nothing
    is added. A call that was killed, or gave up on a server, is continued by the next one.
    """
    check(source)
    staging = folder.with_name(f".{folder.name}.part")
    haul = Haul(source, dataset, staging, network)
    try:
        here = open_mirror(mirror, network)
        staging.mkdir(parents=True, exist_ok=True)
        keep_verified(haul, folder)
        keep_verified(haul, staging)
        haul.downloaded.update(haul.manifest)
        if here and haul.missing():
            from_mirror(haul, here)
        if all(source.addresses(file) for file in haul.missing()):  # else the rest would be fetched for nothing
            from_urls(haul)
            from_archives(haul)
        if haul.missing():
            raise failure(source, dataset, haul.missing(), haul.tried, mirror)
        publish(haul, folder)
    except OSError as error:
        shutil.rmtree(staging, ignore_errors=True)
        raise ReproseError(f"{folder}: cannot be filled ({error}). Check permissions and free disk space.") from error
    except Exception:
        leave(staging, haul.downloaded)
        raise
    return {file: haul.manifest[file] for file in sorted(source.files)}


def keep_verified(haul: Haul, folder: Path) -> None:
    """Accept the files that `folder` already holds in full, as after a crash or a change of this code."""
    for file in haul.missing():
        path = folder / file
        if path.is_file() and matches(digest := file_digest(path), haul.source.files[file]):
            haul.accept(file, digest, digest, str(path))


def leave(staging: Path, downloaded: set[str]) -> None:
    """Keep of what a failed call staged the files that were downloaded, in full or in part; the next call goes on."""
    if not staging.is_dir():
        return
    for path in staging.iterdir():
        if path.name not in downloaded and not path.name.endswith((".part", ".part.version")):
            path.unlink()
    if not any(staging.iterdir()):
        staging.rmdir()


def publish(haul: Haul, folder: Path) -> None:
    """Move the staged files into `folder`, each by one rename."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in haul.manifest:
        if (haul.staging / file).exists():
            os.replace(haul.staging / file, folder / file)
    shutil.rmtree(haul.staging)


def check_available(
    source: Source, dataset: str, mirror: str | None = None, folder: Path | None = None, network: Network | None = None
) -> str | None:
    """Return why the data cannot be had, or None if they could be; nothing is downloaded or read in full.

    `folder` may hold files from before. With `network`, each official server is asked once whether it has the file.
    """
    try:
        check(source)
        here = open_mirror(mirror)
        missing = [file for file in source.files if not (folder and (folder / file).is_file())]
        if here:
            missing = [file for file in missing if not offered(source, dataset, file, here)]
    except (ReproseError, OSError) as error:
        return str(error)
    addresses = {file: source.addresses(file) for file in missing}
    servers = dict.fromkeys(url for urls in addresses.values() for url in urls)
    refusals = {url: reason for url in servers if network and (reason := refusal(url, network))}
    lacking = [file for file in missing if all(url in refusals for url in addresses[file])]
    tried = [f"{here.place(dataset)} (the mirror): not there, nor a declared substitute"] if here else []
    tried += [f"{url}: {reason}" for url, reason in refusals.items()]
    return str(failure(source, dataset, lacking, tried, mirror)) if lacking else None


def offered(source: Source, dataset: str, file: str, mirror: Mirror) -> bool:
    """Return whether the mirror may have `file`: itself, an archive, or a declared substitute that is there."""
    (wanted,) = source.wanted([file]).values()
    if not mirror.folder or any(mirror.has(dataset, path) for path in mirror.candidates(dataset, wanted)):
        return True
    if any(name not in source.files for name in mirror.archives(dataset, mirror.folder, ())):
        return True
    substitute = mirror.substitutes(dataset, mirror.folder).get(file)
    return bool(substitute) and mirror.has(dataset, substitute.file)


def failure(source: Source, dataset: str, files: list[str], tried: list[str], mirror: str | None) -> ReproseError:
    """Return the error for files that no place had: which, what was tried, what to fetch and where to put it."""
    known = tried if mirror else ["no mirror, as REPROSE_MIRROR is not set", *tried]
    if unserved := [file for file in files if not source.addresses(file)]:
        known = [*known, f"no official address is known for {', '.join(unserved)}"]
    advice = source.manual or f"get the files, or an archive of them, from {source.homepage}"
    local = mirror if mirror and "://" not in mirror else "<folder>"
    return ReproseError(
        f"data set '{dataset}' ({source.title}): cannot get {', '.join(files)}.\n"
        + "".join(f"  tried: {line}\n" for line in known)
        + f"What to do: {advice.rstrip('.')}.\n"
        f"Put them into {local}/{dataset}/ and set REPROSE_MIRROR={local}; they are verified by SHA-256."
    )
