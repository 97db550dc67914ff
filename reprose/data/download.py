"""Downloads over HTTP that end in finite time: whole and verified, or not at all and with a reason."""

import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import requests
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from urllib3.exceptions import HTTPError

from reprose.base.errors import ReproseError, masked
from reprose.data.part import BLOCK, Part

TEMPORARY = {408, 425, 429, 500, 502, 503, 504}  # answers after which the same request may succeed
PAGE = re.compile(
    rb"(\xef\xbb\xbf)?(\s|<!--.*?-->|<\?xml.*?\?>)*<(!doctype\s+html|html|head)\b", re.IGNORECASE | re.DOTALL
)
NAMES = {"sha256": "SHA-256", "md5": "MD5"}
REMEDY = "Check the connection and run again, or set REPROSE_MIRROR to a folder that holds the files."


@dataclass(frozen=True)
class Network:
    """How patient a download is."""

    attempts: int = 4  # one after another that do not bring the file on
    pause: float = 1.0  # seconds before the second attempt, doubled before each further one
    patience: float = 300.0  # seconds: a server that asks for a longer pause is not waited for
    connect: float = 10.0  # seconds to wait for a connection
    read: float = 30.0  # seconds without a byte after which a server counts as stalled
    slowest: float = 100.0  # bytes per second on average, below which a server counts as stalled
    limit: int = 8 * 1024**3  # bytes: a longer body is refused


NETWORK = Network()


class UnobtainableError(ReproseError):
    """A place that could not be reached or does not serve; `reason` says why, for a list of places tried."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}. {REMEDY}")
        self.place = masked(place)
        self.reason = masked(reason)


class AbsentError(UnobtainableError):
    """A place that answered, and does not have the file."""


class WrongDigestError(ReproseError):
    """Bytes whose digest is not the expected one."""


class InterruptionError(Exception):
    """An attempt that failed in a way that another may mend, after the `pause` that the server asks for."""

    def __init__(self, reason: str, pause: float = 0.0) -> None:  # seconds
        super().__init__(masked(reason))
        self.pause = pause


def download(url: str, target: Path, sha256: str = "", md5: str = "", network: Network = NETWORK) -> str:
    """Fetch `url` into `target` by one rename, verify it against the digests that are given, return its SHA-256.

    A digest may be given by its first digits.
    Raises `AbsentError` if the server has no such file or sends a web page instead, `UnobtainableError` if it cannot be
    had after all attempts, and `ReproseError` if the bytes are wrong. A file cut short is continued, also by the next
    call, where a digest is known or the server names the version that it sends.
    """
    part = Part(target.with_name(f"{target.name}.part"), {"sha256": sha256, "md5": md5})
    try:
        complete(url, part, network)
        os.replace(part.path, target)
    except UnobtainableError:
        if not part.resumable:
            part.delete()
        raise
    except Exception:
        part.delete()  # not after Ctrl-C or a kill: the next call continues from there
        raise
    part.delete()
    return part.digest("sha256")


def complete(url: str, part: Part, network: Network) -> None:
    """Fetch `part` to its end and verify it; attempts that bring it on at a bearable speed do not count."""
    attempt, reached, since = 0, part.size, time.monotonic()
    while True:
        try:
            transfer(url, part, network)
            verify(url, part)
            return
        except InterruptionError as interruption:
            attempt, now = attempt + 1, time.monotonic()
            if part.size > reached and part.size - reached >= network.slowest * (now - since):
                attempt, reached, since = 1, part.size, now
            if attempt >= network.attempts:
                raise UnobtainableError(url, f"{interruption} ({network.attempts} attempts)") from interruption
            wait(url, interruption, attempt, network)


def wait(url: str, interruption: InterruptionError, attempt: int, network: Network) -> None:
    """Say why an attempt failed and sleep, twice as long after each, and at least as long as the server asks for."""
    pause = max(network.pause * 2 ** (attempt - 1), interruption.pause)
    told = f"{masked(url)}: {interruption}; attempt {attempt + 1} of {network.attempts} in {pause:g} s"
    print(told, file=sys.stderr, flush=True)
    time.sleep(pause)


def transfer(url: str, part: Part, network: Network) -> None:
    """Fetch what `part` still lacks; raise `InterruptionError` for whatever another attempt may mend."""
    if not part.resumable:
        part.restart()
    headers = {"User-Agent": "reprose", "Accept-Encoding": "identity", **part.request()}
    try:
        with requests.get(url, headers=headers, stream=True, timeout=(network.connect, network.read)) as response:
            judge(url, response, part, network)
            receive(url, response, part, network)
    except (requests.ConnectionError, requests.Timeout, HTTPError) as error:
        raise InterruptionError(reason_of(error)) from error
    except requests.RequestException as error:
        raise UnobtainableError(url, reason_of(error)) from error
    except OSError as error:
        raise ReproseError(
            f"{part.path}: cannot be written ({error}). Free disk space or change permissions."
        ) from error


def judge(url: str, response: requests.Response, part: Part, network: Network) -> None:
    """Judge the status line: raise unless the file follows, whole or from where `part` ends."""
    status = response.status_code
    if status == 416 or (status == 206 and not part.continues(response.headers.get("Content-Range", ""))):
        part.restart()
        raise InterruptionError("the file there does not go on where the part here ends")
    answer = f"the server answered {status} {response.reason}"
    if status in TEMPORARY:
        if (pause := pause_asked(response.headers.get("Retry-After", ""))) > network.patience:
            raise UnobtainableError(url, f"{answer} and asks to come back in {pause:.0f} s")
        raise InterruptionError(answer, pause)
    if status != 200 and not (status == 206 and part.size):
        raise AbsentError(url, answer)


def pause_asked(retry_after: str) -> float:
    """Return the seconds that a header `Retry-After` asks for, as a number or as a date; 0 if it says neither."""
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        return max(parsedate_to_datetime(retry_after).timestamp() - time.time(), 0.0)
    except (TypeError, ValueError):
        return 0.0


def receive(url: str, response: requests.Response, part: Part, network: Network) -> None:
    """Append the body to `part`; too slow and too long are errors here, one shorter than announced is urllib3's."""
    block = response.raw.read1(BLOCK, decode_content=False)  # raw: a .gz file labelled as encoded is not to be decoded
    if response.status_code == 200:
        if part.size and is_page(block):  # that must not cost what is here
            raise sends_page(url, response.url)
        part.begin(response)
    part.resumed, part.origin = response.status_code == 206, response.url
    length = response.headers.get("Content-Length", "")
    part.measured = bool(length) or "Transfer-Encoding" in response.headers
    total = part.size + int(length) if length.isdecimal() else None
    started, before = time.monotonic(), part.size
    with open(part.path, "ab" if part.resumed else "wb") as file, progress(url, part.size, total) as advance:
        while block:
            file.write(block)
            part.add(block)
            advance(len(block))
            seconds = time.monotonic() - started
            if seconds > network.read and part.size - before < network.slowest * seconds:
                raise InterruptionError(f"stalled: {part.size - before} bytes in {seconds:.0f} s")
            if part.size > network.limit:
                raise ReproseError(f"{url}: sends more than {network.limit:,} bytes, the most allowed. {REMEDY}")
            block = response.raw.read1(BLOCK, decode_content=False)


def verify(url: str, part: Part) -> None:
    """Compare the digests; a wrong one is final where the body was whole and came in one piece."""
    wrong = part.wrong_digests()
    if is_page(part.head) and not part.resumed and (wrong or not part.known):
        part.delete()
        raise sends_page(url, part.origin)
    for kind, found, wanted in wrong:
        if part.resumed:
            part.restart()
            raise InterruptionError("the continued file has a wrong digest")
        if not part.measured:
            raise InterruptionError(
                f"the body ended, of a length that the server did not tell; the {NAMES[kind]} of its bytes is {found},"
                f" expected {wanted}"
            )
        remedy = (
            "Run again; if it repeats, the file there has changed or is altered on the way: "
            "put a right copy into a folder and set REPROSE_MIRROR to that folder."
        )
        name = part.path.name.removesuffix(".part")
        raise wrong_digest(f"'{name}' from {url}", NAMES[kind], found, wanted, remedy)


def is_page(head: bytes) -> bool:
    """Return whether bytes that begin like these are a web page."""
    return bool(PAGE.match(head))


def sends_page(url: str, origin: str) -> AbsentError:
    """Return the error for a web page, sent from `origin` after all redirects, in the place of a file."""
    return AbsentError(url, f"a web page (HTML) came instead, from {origin}")


def wrong_digest(place: str, kind: str, found: str, expected: str, remedy: str) -> WrongDigestError:
    """Return the error for bytes from `place` whose digest is not the expected one."""
    return WrongDigestError(f"{place}: the {kind} of its bytes is {found}, expected {expected}. {remedy}")


def refusal(url: str, network: Network = NETWORK) -> str | None:
    """Return why `url` cannot be had, from one request for its headers; None where nothing speaks against it."""
    try:
        response = requests.head(url, allow_redirects=True, timeout=(network.connect, network.read))
    except (requests.RequestException, HTTPError) as error:
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
    return next((words for mark, words in known.items() if mark in text), masked(f"{type(error).__name__}: {text}"))


@contextmanager
def progress(url: str, done: int, total: int | None) -> Iterator[Callable[[int], None]]:
    """Show the download on stderr: a bar on a terminal, else a line about every 10 %."""
    name = unquote(urlsplit(url).path).rpartition("/")[2] or masked(url)
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
