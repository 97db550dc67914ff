"""Results by what they were made from, kept where several folders and machines reach them.

A store holds objects, named by the SHA-256 of their bytes, and records, named by the identity of a job: its key and the
digests of its inputs. What comes from there is checked byte by byte and laid where the audit sets results aside, so
that it comes back as after an undone edit. A store that is away, full or wrong costs a warning and the work, never a
result.
"""

import json
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from reprose.base.canonical import file_digest, text_digest, to_json, to_pretty_json
from reprose.base.files import TEMPORARY, fresh_name, write_whole
from reprose.jobs.audit import drop_aside
from reprose.jobs.job import Job
from reprose.jobs.record import STALE, Record, aside, identity

OBJECTS, RECORDS = "objects", "records"  # folders of a store; below, folders named by the first two digits
OF_OBJECTS = ("s3", "gs", "abfs", "http", "https")  # protocols that obstore speaks: an object appears whole, or not
READ_ONLY = "readonly+"  # begins the address of a store that only gives; one reached by HTTP does so anyway
PATIENCE = 20.0  # seconds without an answer after which a store is away
RATE = 2e5  # bytes per second that a store is allowed to need beside
DATA = ("fetch", "prepare")  # rules whose outputs are the data themselves, which a licence may forbid to pass on
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Held:
    """What a store holds of one job."""

    store: "Store"
    record: Record
    run: Mapping[str, Any]  # what the run took that made it
    sizes: Mapping[str, int]  # path -> bytes

    @cached_property
    def digests(self) -> dict[str, str]:
        """Return the digests of all that the job leaves, its record included, by path."""
        path = self.record.key["outputs"]["provenance"]
        return {**self.record.outputs, path: text_digest(self.record.text)}


class Store:
    """One store, by an address that fsspec knows: a folder, s3://, gs://, sftp://, https:// ..."""

    def __init__(self, address: str) -> None:
        self.url = address.removeprefix(READ_ONLY)
        self.writable = address == self.url and self.protocol not in ("http", "https")
        self.is_away = False
        self.refuses = False  # whether it has told of something that we may not see it

    def get(self, identity: str, job: Job, inputs: Mapping[str, str]) -> Held | None:
        """Return what is held under the identity of a job with these inputs; None where that is nothing usable."""
        path = _path(RECORDS, identity)
        content = self._asked(lambda: self.files.cat_file(self._at(path)))
        if content is None:
            return None
        if held := self._read(content):
            record = held.record
            fits = (record.canonical_key, record.name, record.inputs) == (job.canonical_key, job.name, dict(inputs))
            if fits and _is_complete(record, job):
                return held
        self._refuse(path)
        return None

    def _read(self, content: bytes) -> Held | None:
        """Return what the file of a record tells; None where it is not what was sent."""
        with suppress(ValueError, TypeError, KeyError, AttributeError):
            told = json.loads(content)
            record, run, sizes = Record(**told["record"]), dict(told["run"]), dict(told["sizes"])
            if told["sha256"] == _digest_of(told) and sizes.keys() == record.outputs.keys():
                return Held(self, record, run, sizes)
        return None

    def fetch(self, digest: str, size: int, place: Path) -> bool:
        """Write the object with a digest, of so many bytes, to a path; return whether it came whole."""
        target, path = place.with_name(fresh_name(place.name)), _path(OBJECTS, digest)
        try:
            came = self._asked(lambda: self._copy(path, target), size)
            if came and file_digest(target) == digest:
                os.replace(target, place)
                return True
            if came:
                self._refuse(path)
            elif not self.is_away:
                self._warn(f"{path} is missing")
            return False
        finally:
            target.unlink(missing_ok=True)

    def put(self, record: Record, run: Mapping[str, Any]) -> bool:
        """Hold what one job left, its record last; return whether all of it is there."""
        sizes = {path: Path(path).stat().st_size for path in record.outputs}
        for path, digest in record.outputs.items():
            if not self._taken(partial(self._send, Path(path), _path(OBJECTS, digest)), sizes[path]):
                return False
        made = {name: value for name, value in run.items() if name != "store"}
        told: dict[str, Any] = {"record": asdict(record), "run": made, "sizes": sizes}
        content = to_json({**told, "sha256": _digest_of(told)}).encode()
        place = _path(RECORDS, identity(record.key, record.inputs))
        return self._taken(lambda: self._placed(place, lambda target: self.files.pipe_file(target, content)))

    def records(self) -> Iterator[tuple[str, Held | None]]:
        """Yield what is held of each job, by the path of its record; None where that is damaged."""
        for path in self.listed(RECORDS):
            if not is_unfinished(path):
                with suppress(FileNotFoundError):
                    yield path, self._read(self.files.cat_file(self._at(path)))

    def listed(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the paths of all objects or records, each with its size and times as the store tells them."""
        with suppress(FileNotFoundError):
            found = self.files.find(self._at(kind), detail=True)
            return {"/".join((kind, *PurePosixPath(path).parts[-2:])): told for path, told in found.items()}
        return {}

    def has(self, held: Held, objects: Mapping[str, Mapping[str, Any]]) -> bool:
        """Return whether all that a job left is among the objects that are listed, by its size."""
        sizes = {path: objects.get(_path(OBJECTS, digest), {}) for path, digest in held.record.outputs.items()}
        return all(told.get("size") == held.sizes[path] for path, told in sizes.items())

    def remove(self, path: str) -> None:
        """Delete one file of the store."""
        with suppress(FileNotFoundError):
            self.files.rm_file(self._at(path))

    @cached_property
    def _opened(self) -> tuple[Any, str]:
        from fsspec.core import url_to_fs  # slow, and in vain without a store

        if self.protocol not in OF_OBJECTS:
            return url_to_fs(os.path.expanduser(self.url))
        from obstore.fsspec import register

        register(self.protocol)
        ways = {"allow_http": True, "connect_timeout": f"{PATIENCE:.0f}s", "timeout": "1d"}  # the last of a transfer
        return url_to_fs(self.url, client_options=ways, retry_config={"max_retries": 2})

    @property
    def protocol(self) -> str:
        """Return how the store is reached: "s3", "https"; "" for a folder."""
        return self.url.partition("://")[0] if "://" in self.url else ""

    @property
    def files(self) -> Any:
        """Return the file system of the store."""
        return self._opened[0]

    def _at(self, path: str) -> str:
        """Return a path of the store as its file system has it."""
        return f"{self._opened[1].rstrip('/')}/{path}"

    def _asked(self, call: Callable[[], Answer], size: int = 0) -> Answer | None:
        """Return what a call that moves so many bytes gives; None where the store holds no such thing, or is away."""
        if self.is_away:
            return None
        try:
            return _within(PATIENCE + size / RATE, call)
        except FileNotFoundError:
            return None
        except Exception as error:  # of whatever library reaches it
            if _is_refusal(error):
                if not self.refuses:
                    self._warn(f"{_told(error)}. It counts as not held; a bucket that may not be listed says so")
                self.refuses = True
                return None
            self.is_away = True
            self._warn(f"{_told(error)}. It is not asked again in this build")
            return None

    def _taken(self, call: Callable[[], None], size: int = 0) -> bool:
        """Return whether a call that writes so many bytes ended well; where not, nothing more is written."""
        if self.is_away or not self.writable:
            return False
        try:
            _within(PATIENCE + size / RATE, call)
            return True
        except Exception as error:
            self.writable = False
            self._warn(f"{_told(error)}. Nothing more is written there in this build")
            return False

    def _copy(self, path: str, target: Path) -> bool:
        self.files.get_file(self._at(path), str(target))
        return True

    def _send(self, path: Path, place: str) -> None:
        """Send a file unless one of its size is there."""
        with suppress(FileNotFoundError):
            if self.files.info(self._at(place))["size"] == path.stat().st_size:
                return
        self._placed(place, lambda target: self.files.put_file(str(path), target))

    def _placed(self, place: str, write: Callable[[str], None]) -> None:
        """Write a file that appears whole: where the store does not promise that itself, under another name first."""
        if self.protocol in OF_OBJECTS:
            write(self._at(place))
            return
        folder, _, name = self._at(place).rpartition("/")
        target = f"{folder}/{fresh_name(name)}"
        self.files.makedirs(folder, exist_ok=True)
        try:
            write(target)
            self.files.mv(target, f"{folder}/{name}")
        except BaseException:
            with suppress(Exception):
                self.files.rm_file(target)
            raise

    def _refuse(self, path: str) -> None:
        """Say that a file of the store is not what it should be; where one may, delete it, so that it is sent again."""
        self._warn(f"{path} is damaged{', and deleted' if self.writable else ''}")
        if self.writable:
            self._taken(lambda: self.remove(path))

    def _warn(self, text: str) -> None:
        print(f"warning: store {self.url}: {text}", file=sys.stderr, flush=True)


class Stores:
    """The stores of a build, asked in their order."""

    def __init__(self, addresses: Iterable[str], noted: Path) -> None:
        self.stores = [Store(address) for address in addresses]
        self.noted = noted  # remembers what was sent, so that a build need not ask
        self.refused: set[tuple[str, str]] = set()  # stores, and identities of what could not be fetched there
        self.brought: dict[str, str] = {}  # record -> the store that it came from

    def find(self, job: Job, inputs: Mapping[str, str]) -> Held | None:
        """Return what the first store holds that has the results of a job from inputs with these digests."""
        name = identity(job.key, inputs)
        asked = (store for store in self.stores if (store.url, name) not in self.refused)
        return next(filter(None, (store.get(name, job, inputs) for store in asked)), None)

    def bring(self, held: Held, job: Job) -> bool:
        """Lay what a store holds where the audit sets results of this job aside; return whether it came whole."""
        drop_aside(job)
        record = aside(job.record)
        record.parent.mkdir(parents=True, exist_ok=True)
        for path, digest in held.record.outputs.items():
            place = aside(path) if job.is_moved(path) else Path(path)
            place.parent.mkdir(parents=True, exist_ok=True)
            if not held.store.fetch(digest, held.sizes[path], place):
                self.refused.add((held.store.url, identity(held.record.key, held.record.inputs)))
                return False
        run = to_pretty_json({**held.run, "store": held.store.url})
        write_whole(aside(job.run_record), run.encode())
        write_whole(record, held.record.text.encode())
        self.brought[job.record] = held.store.url
        return True

    def send(self, made: Iterable[tuple[Job, Record]], again: bool = False) -> int:
        """Send the results of jobs by their records to each store that takes them; return how many were sent."""
        taking = [store for store in self.stores if store.writable]
        noted, count = self._noted(), 0
        for job, record in made if taking else ():
            name = identity(record.key, record.inputs)
            for store in taking:
                known = noted.setdefault(store.url, set())
                if (again or name not in known) and store.put(record, _run_of(job)):
                    known.add(name)
                    count += 1
        if count:
            told = {url: sorted(names) for url, names in noted.items()}
            write_whole(self.noted, json.dumps(told).encode())
        return count

    def _noted(self) -> dict[str, set[str]]:
        try:
            return {url: set(names) for url, names in json.loads(self.noted.read_text()).items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}


def is_unfinished(path: str) -> bool:
    """Return whether a file of a store is one that is being written, or that a killed build left so."""
    return PurePosixPath(path).name.startswith(TEMPORARY)


def _path(kind: str, name: str) -> str:
    return f"{kind}/{name[:2]}/{name}"


def _is_complete(record: Record, job: Job) -> bool:
    """Return whether a record names all outputs of a job, and no file beside its own folder."""
    folder = PurePosixPath(job.record).parent
    names = {path for path in job.outputs.values() if path != job.record}
    within = all(
        PurePosixPath(path).is_relative_to(folder) and not {"..", STALE} & {*PurePosixPath(path).parts}
        for path in record.outputs
    )
    return within and job.record not in record.outputs and record.outputs.keys() >= names


def _digest_of(told: Mapping[str, Any]) -> str:
    return text_digest(to_json({name: told[name] for name in ("record", "run", "sizes")}))


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {(str(error).splitlines() or ['no answer'])[0]}"


def _is_refusal(error: Exception) -> bool:
    """Return whether we may not see one file: S3 says so of what it lacks to those who may not list."""
    return isinstance(error, PermissionError) or type(error).__name__ == "PermissionDeniedError"


def _run_of(job: Job) -> dict[str, Any]:
    try:
        return dict(json.loads(Path(job.run_record).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def _within(seconds: float, call: Callable[[], Answer]) -> Answer:
    """Return what a call gives; raise `TimeoutError` after so many seconds, and leave it to itself."""
    found: list[tuple[bool, Any]] = []

    def work() -> None:
        try:
            found.append((True, call()))
        except BaseException as error:
            found.append((False, error))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if not found:
        raise TimeoutError(f"no answer in {seconds:.0f} s")
    ended_well, value = found[0]
    if ended_well:
        return value
    raise value
