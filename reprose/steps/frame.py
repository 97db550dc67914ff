"""The frame of every step: work, and publish only if the inputs are what they were and nothing else was read.

Outputs are made under temporary names and appear by rename, the record of the job last, so that a file without a
record is known to be unfinished.
"""

import os
import platform
import resource
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from threadpoolctl import threadpool_limits

from reprose.base import arrays
from reprose.base.canonical import file_digest, to_pretty_json
from reprose.base.errors import ReproseError
from reprose.base.faults import CALLS, in_project, told
from reprose.base.files import temporary
from reprose.base.messages import say
from reprose.base.system_errors import refusal
from reprose.jobs import locks
from reprose.jobs.record import Record, checkpoint_folder
from reprose.jobs.rules import RULES, SEAL
from reprose.steps.opened import check_opened
from reprose.training import generators, gpus

if TYPE_CHECKING:
    from reprose.code.witness import Witness

COMMIT_VARIABLE = "REPROSE_COMMIT"  # the commit that is built, for the records of runs


class Step:
    """One running step: its key, its input files and its output files."""

    def __init__(self, key: Mapping[str, Any], witness: "Witness") -> None:
        self.key = key
        self.name = witness.job
        self.witness = witness
        self.inputs = {role: [Path(path) for path in paths] for role, paths in key["inputs"].items()}
        self.outputs = {role: Path(path) for role, path in key["outputs"].items()}
        self.extras: dict[Path, Path] = {}  # final path -> temporary path of files that no rule declares
        self.placed: list[Path] = []
        self.verified: set[Path] = set()  # files that an input names with their digests
        self.digests = {path: _digest_of_input(path) for paths in self.inputs.values() for path in paths}
        self._check_seals()

    def input(self, name: str) -> Path:
        """Return the one input file of the role `name`."""
        (path,) = self.inputs[name]
        return path

    def output(self, name: str) -> Path:
        """Return the temporary path of the output `name`; it is renamed when the step has ended well."""
        return temporary(self.outputs[name])

    def extra(self, path: Path) -> Path:
        """Return the temporary path of a file that the rule does not declare, such as one figure of many."""
        self.extras[path] = temporary(path)
        return self.extras[path]

    def existing(self, paths: Iterable[Path]) -> None:
        """Enter files that already stand at their place, such as verified raw data, into the record."""
        self.placed.extend(paths)

    def verify(self, path: Path, digest: str, remedy: str) -> Path:
        """Return a file that an input names with its digest; another content is an error that ends with `remedy`."""
        if not path.exists() or file_digest(path) != digest:
            raise ReproseError(f"{path}: missing or not what it was. {remedy}")
        self.verified.add(path)
        return path

    @property
    def checkpoint_folder(self) -> Path:
        """Return where the job keeps the state of its training: a folder named by all that the result depends on."""
        return checkpoint_folder(self.key, self.digests)

    def temporary_files(self) -> list[Path]:
        """Return every temporary path that this step may have written."""
        return [temporary(path) for path in self.outputs.values()] + list(self.extras.values())

    def publish(self, started: float) -> None:
        """Rename the outputs and write the record, unless inputs moved since the start or others were read."""
        self.witness.flush_files()
        for path, digest in self.digests.items():
            if not path.exists() or file_digest(path) != digest:
                raise ReproseError(f"{path} changed while this step ran; run again.")
        check_opened(self)
        made = {path: temporary(path) for name, path in self.outputs.items() if name != "provenance"} | self.extras
        digests = {str(path): file_digest(made_at) for path, made_at in made.items()}
        digests |= {str(path): file_digest(path) for path in self.placed}
        record = self.outputs["provenance"]
        consumed = {str(path): digest for path, digest in self.digests.items()}
        Record(self.name, self.key, consumed, digests).write(temporary(record))
        run_record = record.with_name(record.name.replace("provenance", "run"))
        self._write_run_record(self.extra(run_record), started)
        for path, made_at in [*made.items(), (run_record, self.extras[run_record]), (record, temporary(record))]:
            os.replace(made_at, path)

    def seal(self, name: str) -> None:
        """Write the digest of the output `name` into its digest file, for consumers to depend on."""
        self.output(f"{name}{SEAL}").write_text(file_digest(self.output(name)) + "\n")

    def _check_seals(self) -> None:
        for path, digest in self.digests.items():
            seal = path.with_name(path.name + ".sha256")
            if seal in self.digests and seal.read_text().strip() != digest:
                raise ReproseError(f"{path}: its bytes do not match {seal.name}; delete {path} and run again.")

    def _write_run_record(self, path: Path, started: float) -> None:
        used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        device = self.key.get("compute", {}).get("device", "cpu")
        record = {
            "seconds": round(time.monotonic() - started, 3),
            "cpu_seconds": round(sum(each.ru_utime + each.ru_stime for each in used), 3),
            "peak_memory_bytes": used[0].ru_maxrss * (1 if sys.platform == "darwin" else 1024),
            "host": platform.node(),
            "machine": platform.machine(),
            "commit": os.environ.get(COMMIT_VARIABLE, ""),
            "device": device,
            **(gpus.used(self.witness.package("torch", True), self.name) if device == "cuda" else {}),
            "definitions": self.witness.definitions,
        }
        path.write_text(to_pretty_json(record), encoding="utf-8")


def run(work: Callable[[Step], None], key: Mapping[str, Any], witness: "Witness") -> None:
    """Run `work` as the job that has this key."""
    started = time.monotonic()
    name, lock, step = witness.job, None, None
    try:
        lock = locks.hold_steps()
        step = Step(key, witness)
        for path in step.outputs.values():
            path.parent.mkdir(parents=True, exist_ok=True)
        threads = step.key.get("compute", {}).get("threads", 1)
        os.environ["OMP_NUM_THREADS"] = str(threads)  # for torch, which is loaded later
        generators.seed(name)
        with threadpool_limits(threads):
            work(step)
        locks.verify("steps", lock)
        step.publish(started)
        print(f"{time.monotonic() - started:7.1f} s  {name}", file=sys.stderr, flush=True)  # for the job's log alone
    except ReproseError as error:
        say(f"error: {name}: {error}")
        sys.exit(1)
    except Exception as error:
        say(f"error: {name}: {refusal(error) or _in_words(error, key)}")
        sys.exit(1)
    finally:
        for path in step.temporary_files() if step else ():
            with suppress(OSError):  # a disk that became read-only
                path.unlink(missing_ok=True)
        if lock is not None:
            os.close(lock)


def _in_words(error: Exception, key: Mapping[str, Any]) -> str:
    """Return what went wrong: in the project's code, told by its line; in ours, by all that led there."""
    way = "".join(traceback.format_exception(error))
    if not (place := in_project(error)):
        return f"unexpected\n{way}"
    print(way, file=sys.stderr, flush=True)  # for the job's log alone
    return f"{told(error, place)}{_columns(error, key)}\n{CALLS} {RULES[key['rule']].log.format(**key)}."


def _columns(error: Exception, key: Mapping[str, Any]) -> str:
    """Return what the views of a job hold, where something was looked up by a name that none of their parts has."""
    paths = [Path(path) for role in key["inputs"].values() for path in role if Path(path).match("views/*/*.npz")]
    views: dict[str, dict[str, None]] = {}
    for path in paths if isinstance(error, KeyError) else ():
        views.setdefault(path.parent.name, {}).update(dict.fromkeys(arrays.load(path)))
    (wanted,) = error.args if len(error.args) == 1 else (None,)
    if not isinstance(wanted, str) or any(wanted in names for names in views.values()):
        return ""
    return "".join(f"\nThe view '{view}' has no '{wanted}', but: {', '.join(views[view])}." for view in views)


def _digest_of_input(path: Path) -> str:
    if not path.exists():
        raise ReproseError(f"{path}: missing. config.yaml or a job before this one names it; run again.")
    return file_digest(path)
