"""What the operating system refuses, such as a write to a full disk, in words that name the place and the remedy."""

import errno
import os
import re
import shutil
import tempfile
from pathlib import Path

from reprose.base.errors import ReproseError

REMEDIES = {
    errno.ENOSPC: "Free some space there and run the same command again.",
    errno.EDQUOT: "Free some of your quota there and run the same command again.",
    errno.EROFS: "Make it writable, or move the project, and run the same command again.",
    errno.EACCES: "Give yourself the permission and run the same command again.",
    errno.EPERM: "Give yourself the permission and run the same command again.",
    errno.EIO: "Look after that disk, then run the same command again.",
    errno.EMFILE: "Raise the limit ('ulimit -n 4096') and run the same command again.",
    errno.ENFILE: "Close other programs and run the same command again.",
    errno.ENOMEM: "Close other programs, or build with fewer jobs at a time, and run the same command again.",
}
FULL = (errno.ENOSPC, errno.EDQUOT)
PLACES = ("", "data", "results", "logs", ".snakemake", ".reprose")  # where a build writes


def refusal(error: BaseException | None) -> ReproseError | None:
    """Return what the system refused when `error` came about, or None if the system is not to blame."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in REMEDIES:
            return ReproseError(_told(error.errno, str(error.filename2 or error.filename or "")))
        error = error.__cause__ or error.__context__
    return None


def refusal_in(text: str) -> ReproseError | None:
    """Return what the system refused according to the messages of another program, or None."""
    if protected := re.search(r"^Write-protected output files.*?affected files:\s+(\S+)", text, re.M | re.S):
        return ReproseError(f"{protected[1]}: write-protected. {REMEDIES[errno.EROFS]}")
    for code in REMEDIES:
        words = rf"(?:'?([^\s':]+)'?: )?{os.strerror(code)}(?:: '([^'\n]+)')?"  # the place before it, or after it
        if found := re.search(words, text, re.IGNORECASE):
            return ReproseError(_told(code, found[1] or found[2] or ""))
    return None


def _told(code: int, place: str) -> str:
    if code in FULL:
        place, free = _fullest(place)
        return f"{place}: {os.strerror(code)} ({free:,} bytes are free). {REMEDIES[code]}"
    return f"{place or Path.cwd()}: {os.strerror(code)}. {REMEDIES[code]}"


def _fullest(place: str) -> tuple[str, int]:
    """Return the folder with the least free space where it may have been wanted, and its free bytes."""
    near = [Path.cwd() / place, *(Path.cwd() / place).parents]
    folders = [next(path for path in near if path.is_dir()), *map(Path.cwd().joinpath, PLACES)]
    folders.append(Path(tempfile.gettempdir()))
    free = {str(path): shutil.disk_usage(path).free for path in folders if path.is_dir()}
    return min(free.items(), key=lambda item: item[1])
