"""Downloads over HTTP that end in finite time: whole and verified, or not at all and with a reason."""

import hashlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from urllib3.exceptions import HTTPError

from reprose.base.errors import ReproseError
from reprose.data.archives import matches

BLOCK = 1 << 16  # bytes asked from the socket at once
TEMPORARY = {408, 425, 429, 500, 502, 503, 504}  # answers after which the same request may succeed
NAMES = {"sha256": "SHA-256", "md5": "MD5"}
REMEDY = "Check the connection and run again, or set REPROSE_MIRROR to a folder that holds the files."


@dataclass(frozen=True)
class Network:
    """How patient a download is."""

    attempts: int = 4
    pause: float = 1.0  # seconds before the second attempt, doubled before each further one
    connect: float = 10.0  # seconds to wait for a connection
    read: float = 30.0  # seconds without a byte after which a server counts as stalled
    slowest: float = 100.0  # bytes per second on average, below which a server counts as stalled
    limit: int = 8 * 1024**3  # bytes: a longer body is refused


NETWORK = Network()


class UnobtainableError(ReproseError):
    """A place that could not be reached or does not serve; `reason` says why, for a list of places tried."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}. {REMEDY}")
        self.place = place
        self.reason = reason


class AbsentError(UnobtainableError):
    """A place that answered, and does not have the file."""


class InterruptionError(Exception):
    """An attempt that failed in a way that another attempt may mend."""


class Part:
    """The beginning of a file, with the digests of its bytes so far."""

    def __init__(self, path: Path, resumable: bool) -> None:
        self.path = path
        self.resumable = resumable
        self.restart()
        if resumable and path.exists():  # left by a process that was killed
            self.inherit()

    def restart(self) -> None:
        """Forget all bytes."""
        self.size, self.resumed = 0, False
        self.digests = {"sha256": hashlib.sha256(), "md5": hashlib.md5(usedforsecurity=False)}

    def inherit(self) -> None:
        """Take over the bytes that the file already has."""
        with open(self.path, "rb") as file:
            while block := file.read(BLOCK):
                self.add(block)

    def add(self, block: bytes) -> None:
        """Count `block` into size and digests."""
        self.size += len(block)
        for digest in self.digests.values():
            digest.update(block)

    def digest(self, kind: str) -> str:
        """Return the digest of the bytes so far; `kind` is 'sha256' or 'md5'."""
        return self.digests[kind].hexdigest()


def download(url: str, target: Path, sha256: str = "", md5: str = "", network: Network = NETWORK) -> str:
    """Fetch `url` into `target` by one rename, verify it against the digests that are given, return its SHA-256.

    A digest may be given by its first digits.
    Raises `AbsentError` if the server has no such file, `UnobtainableError` if it cannot be had after all attempts, and
    `ReproseError` if the bytes are wrong. A file cut short is continued, also after a kill, where a digest is known.
    """
    expected = {"sha256": sha256, "md5": md5}
    part = Part(target.with_name(f"{target.name}.part"), resumable=bool(sha256 or md5))
    try:
        reason = ""
        for attempt in range(network.attempts):
            if attempt:
                wait(url, reason, attempt, network)
            try:
                transfer(url, part, network)
                verify(url, part, expected)
                os.replace(part.path, target)
                return part.digest("sha256")
            except InterruptionError as interruption:
                reason = str(interruption)
        raise UnobtainableError(url, f"{reason} ({network.attempts} attempts)")
    except Exception:
        part.path.unlink(missing_ok=True)  # not after Ctrl-C or a kill: the next call continues from there
        raise


def wait(url: str, reason: str, attempt: int, network: Network) -> None:
    """Say why an attempt failed and sleep, twice as long after each."""
    pause = network.pause * 2 ** (attempt - 1)
    print(f"{url}: {reason}; attempt {attempt + 1} of {network.attempts} in {pause:g} s", file=sys.stderr, flush=True)
    time.sleep(pause)


def transfer(url: str, part: Part, network: Network) -> None:
    """Fetch what `part` still lacks; raise `InterruptionError` for whatever another attempt may mend."""
    if not part.resumable:
        part.restart()
    headers = {"User-Agent": "reprose", "Accept-Encoding": "identity"}
    if part.size:
        headers["Range"] = f"bytes={part.size}-"
    try:
        with requests.get(url, headers=headers, stream=True, timeout=(network.connect, network.read)) as response:
            prepare(url, response, part)
            receive(url, response, part, network)
    except (requests.ConnectionError, requests.Timeout, HTTPError) as error:
        raise InterruptionError(reason_of(error)) from error
    except requests.RequestException as error:
        raise UnobtainableError(url, reason_of(error)) from error
    except OSError as error:
        raise ReproseError(
            f"{part.path}: cannot be written ({error}). Free disk space or change permissions."
        ) from error


def prepare(url: str, response: requests.Response, part: Part) -> None:
    """Judge the status line, and start `part` anew unless the server says that it continues."""
    status = response.status_code
    if status == 416:  # what is here is longer than the file there
        part.restart()
        raise InterruptionError("the file there is shorter than the part here")
    if status in TEMPORARY:
        raise InterruptionError(f"the server answered {status} {response.reason}")
    if status != 200 and not (status == 206 and part.size):
        raise AbsentError(url, f"the server answered {status} {response.reason}")
    if status == 200:
        part.restart()
    part.resumed = status == 206


def receive(url: str, response: requests.Response, part: Part, network: Network) -> None:
    """Append the body to `part`; too slow and too long are errors here, one shorter than announced is urllib3's."""
    length = response.headers.get("Content-Length", "")
    total = part.size + int(length) if length.isdigit() else None
    started, before = time.monotonic(), part.size
    with open(part.path, "ab" if part.resumed else "wb") as file, progress(url, part.size, total) as advance:
        # The raw bytes: a server that labels a .gz file as encoded must not make us decode it.
        while block := response.raw.read1(BLOCK, decode_content=False):
            file.write(block)
            part.add(block)
            advance(len(block))
            seconds = time.monotonic() - started
            if seconds > network.read and part.size - before < network.slowest * seconds:
                raise InterruptionError(f"stalled: {part.size - before} bytes in {seconds:.0f} s")
            if part.size > network.limit:
                raise ReproseError(f"{url}: sends more than {network.limit:,} bytes, the most allowed. {REMEDY}")


def verify(url: str, part: Part, expected: dict[str, str]) -> None:
    """Compare the digests; a wrong one after a continued download is a reason to start from the beginning."""
    for kind, wanted in expected.items():
        if wanted and not matches(part.digest(kind), wanted):
            if part.resumed:
                part.restart()
                raise InterruptionError("the continued file has a wrong digest")
            remedy = (
                "Run again; if it repeats, the file there has changed or is altered on the way: "
                "put a right copy into a folder and set REPROSE_MIRROR to that folder."
            )
            name = part.path.name.removesuffix(".part")
            raise wrong_digest(f"'{name}' from {url}", NAMES[kind], part.digest(kind), wanted, remedy)


def wrong_digest(place: str, kind: str, found: str, expected: str, remedy: str) -> ReproseError:
    """Return the error for bytes from `place` whose digest is not the expected one."""
    return ReproseError(f"{place}: the {kind} of its bytes is {found}, expected {expected}. {remedy}")


def refusal(url: str, network: Network = NETWORK) -> str | None:
    """Return why `url` cannot be had, from one request for its headers; None where nothing speaks against it."""
    try:
        response = requests.head(url, allow_redirects=True, timeout=(network.connect, network.read))
    except requests.RequestException as error:
        return reason_of(error)
    return (
        f"the server answered {response.status_code} {response.reason}" if response.status_code in (404, 410) else None
    )


def reason_of(error: Exception) -> str:
    """Return a network error in plain words."""
    text = str(error)
    known = {
        "proxy": "the proxy cannot be reached",
        "refused": "connection refused",
        "resolve": "the server's name cannot be resolved",
        "connect timeout": "no connection in time",
        "ConnectTimeout": "no connection in time",
        "timed out": "stalled: no byte in time",
        "IncompleteRead": "the body ended too early",
    }
    return next((words for mark, words in known.items() if mark in text), f"{type(error).__name__}: {text}")


@contextmanager
def progress(url: str, done: int, total: int | None) -> Iterator[Callable[[int], None]]:
    """Show the download on stderr: a bar on a terminal, else a line about every 10 %."""
    name = url.rpartition("/")[2] or url
    if not sys.stderr.isatty():
        yield lines(name, done, total)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=total, completed=done)
        yield lambda size: bar.advance(task, size)


def lines(name: str, done: int, total: int | None) -> Callable[[int], None]:
    """Return a function that counts bytes and prints a line at each tenth of `total`, or each 10 MB without one."""
    step = max(total / 10, 1) if total else 1e7
    seen, printed = done, done // step

    def advance(size: int) -> None:
        """Count `size` more bytes."""
        nonlocal seen, printed
        seen += size
        if seen // step > printed:
            printed = seen // step
            share = f"{100 * seen / total:.0f} % of {total / 1e6:.1f} MB" if total else f"{seen / 1e6:.0f} MB"
            print(f"{name}: {share}", file=sys.stderr, flush=True)

    return advance
