"""The frame of every step: read the arguments, work, and publish only if code and inputs are what they were.

Outputs are made under temporary names and appear by rename, the record of the job last, so that a file without a
record is known to be unfinished.
"""

import argparse
import json
import os
import platform
import resource
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from reprose import loading, locks
from reprose.canonical import file_digest, text_digest, to_pretty_json
from reprose.errors import ReproseError
from reprose.fingerprint import Fingerprint, fingerprint
from reprose.provenance import STALE, Provenance, job_name
from reprose.system import refusal

MARK = "| "  # begins each line that a step says to the person who builds
COMMIT_VARIABLE = "REPROSE_COMMIT"  # the commit that is built, for the records of runs
SCRIPTS = Path(__file__).resolve().parent.parent


class Step:
    """One running step: its key, its input files and its output files."""

    def __init__(self, name: str, key: str, inputs: dict[str, list[Path]], outputs: dict[str, Path]) -> None:
        self.name = name
        self.key: dict[str, Any] = json.loads(key)
        self.key_digest = text_digest(key)
        self.inputs = inputs
        self.outputs = outputs
        self.extras: dict[Path, Path] = {}  # final path -> temporary path of files that no rule declares
        self.placed: list[Path] = []
        self.code = self._fingerprint()
        if self.code.digest != self.key["code"]:
            raise ReproseError(f"the code of step {name} changed while this step waited to run; run again.")
        self.digests = {path: file_digest(path) for paths in inputs.values() for path in paths}
        self._check_seals()

    def input(self, name: str) -> Path:
        """Return the one file that is given as `--name`."""
        (path,) = self.inputs[name]
        return path

    def output(self, name: str) -> Path:
        """Return the temporary path of the output `--name`; it is renamed when the step has ended well."""
        return _temporary(self.outputs[name])

    def extra(self, path: Path) -> Path:
        """Return the temporary path of a file that the rule does not declare, such as one figure of many."""
        self.extras[path] = _temporary(path)
        return self.extras[path]

    def existing(self, paths: Iterable[Path]) -> None:
        """Enter files that already stand at their place, such as verified raw data, into the record."""
        self.placed.extend(paths)

    def temporary_files(self) -> list[Path]:
        """Return every temporary path that this step may have written."""
        return [_temporary(path) for path in self.outputs.values()] + list(self.extras.values())

    def publish(self, started: float) -> None:
        """Seal and rename the outputs and write the record, unless code or inputs moved since the start."""
        self._check_unchanged()
        made = {path: _temporary(path) for name, path in self.outputs.items() if name != "provenance"} | self.extras
        digests = {str(path): file_digest(temporary) for path, temporary in made.items()}
        digests |= {str(path): file_digest(path) for path in self.placed}
        record = self.outputs["provenance"]
        consumed = {str(path): digest for path, digest in self.digests.items()}
        Provenance(self.name, self.key, consumed, digests).write(_temporary(record))
        run_record = record.with_name(record.name.replace("provenance", "run"))
        self._write_run_record(self.extra(run_record), started)
        for path, temporary in [*made.items(), (run_record, self.extras[run_record]), (record, _temporary(record))]:
            os.replace(temporary, path)
        for path in self.outputs.values():
            (path.parent / STALE / path.name).unlink(missing_ok=True)

    def seal(self, name: str) -> None:
        """Write the digest of the output `name` into the output `name_seal`, for consumers to depend on."""
        self.output(f"{name}_seal").write_text(file_digest(self.output(name)) + "\n")

    def _fingerprint(self) -> Fingerprint:
        return fingerprint(loading.entries_of(self.key), SCRIPTS)

    def _check_seals(self) -> None:
        for path, digest in self.digests.items():
            seal = path.with_name(path.name + ".sha256")
            if seal in self.digests and seal.read_text().strip() != digest:
                raise ReproseError(f"{path}: its bytes do not match {seal.name}; delete {path} and run again.")

    def _check_unchanged(self) -> None:
        now = self._fingerprint().definitions
        if now != self.code.definitions:
            moved = dict(now.items() ^ self.code.definitions.items())
            raise ReproseError(f"{', '.join(sorted(moved))} changed while this step ran; run again.")
        for path, digest in self.digests.items():
            if not path.exists() or file_digest(path) != digest:
                raise ReproseError(f"{path} changed while this step ran; run again.")

    def _write_run_record(self, path: Path, started: float) -> None:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        record = {
            "seconds": round(time.monotonic() - started, 3),
            "peak_memory_bytes": peak,
            "host": platform.node(),
            "machine": platform.machine(),
            "commit": os.environ.get(COMMIT_VARIABLE, ""),
            "device": self.key.get("compute", {}).get("device", "cpu"),
            "definitions": self.code.definitions,
        }
        path.write_text(to_pretty_json(record), encoding="utf-8")


def run(work: Callable[[Step], None], *, inputs: Iterable[str] = (), outputs: Iterable[str] = ()) -> None:
    """Run `work` as a command-line program with the options --key, --provenance and one for each input and output."""
    started = time.monotonic()
    arguments = _arguments(list(inputs), list(outputs))
    name = job_name(json.loads(arguments["key"]))
    lock = locks.hold_steps()
    step = None
    try:
        given = {name: arguments[name] for name in inputs}
        made = {name: arguments[name] for name in [*outputs, "provenance"]}
        step = Step(name, arguments["key"], given, made)
        for path in made.values():
            path.parent.mkdir(parents=True, exist_ok=True)
        threads = step.key.get("compute", {}).get("threads", 1)
        os.environ["OMP_NUM_THREADS"] = str(threads)  # for torch, which is loaded later
        with threadpool_limits(threads):
            work(step)
        locks.verify("steps", lock)
        step.publish(started)
        say(f"{time.monotonic() - started:7.1f} s  {name}")
    except ReproseError as error:
        say(f"error: {name}: {error}")
        sys.exit(1)
    except Exception as error:
        told = refusal(error) or f"unexpected\n{traceback.format_exc()}"
        say(f"error: {name}: {told}")
        sys.exit(1)
    finally:
        for path in step.temporary_files() if step else ():
            with suppress(OSError):  # a disk that became read-only
                path.unlink(missing_ok=True)
        os.close(lock)


def say(text: str) -> None:
    """Tell the person who builds; the front door shows lines that begin with the mark, and hides Snakemake's own."""
    print("\n".join(f"{MARK}{line}" for line in text.splitlines()), file=sys.stderr, flush=True)


def _arguments(inputs: list[str], outputs: list[str]) -> dict[str, Any]:
    parser = argparse.ArgumentParser(
        description="Run one job; the rule of the same name under workflow/rules/ calls this."
    )
    parser.add_argument("--key", required=True, help="canonical JSON of all that the job depends on but files")
    for name in inputs:
        parser.add_argument(f"--{name.replace('_', '-')}", type=Path, nargs="*", required=True, metavar="FILE")
    for name in [*outputs, "provenance"]:
        parser.add_argument(f"--{name.replace('_', '-')}", type=Path, required=True, metavar="FILE")
    return vars(parser.parse_args())


def _temporary(path: Path) -> Path:
    return path.with_name(f".new.{os.getpid()}.{path.name}")
