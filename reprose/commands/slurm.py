"""Builds whose jobs run on a Slurm cluster: none goes on beside jobs that an interrupted one left there, or in silence.

The locks tell of processes on this machine. What a dead build left on the cluster, running or pending, is asked of the
cluster itself. Each build has a token, with which the names of its jobs begin. Only jobs in this folder that bear a
token of one of its builds are cancelled, awaited or counted. And a job whose submission was under way when its build
died finds by the token, when it starts, that the build is gone.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import yaml

from reprose.base.errors import ReproseError
from reprose.base.files import write_whole
from reprose.base.messages import MARK
from reprose.commands.profiles import profile_file
from reprose.jobs import locks

MARKER = locks.FOLDER / "slurm"  # the tokens of builds here of which jobs may be left; absent where none can be
MEMORABLE = 3600  # seconds after the end of a build in which the cluster may still take a job that it was submitting
TOKEN_VARIABLE = "REPROSE_SLURM_BUILD"
PLUGIN = "snakemake_executor_plugin_slurm"
PROGRAMS = ("sbatch", "squeue", "scancel", "scontrol", "srun")
ANSWER = 30  # seconds that the controller has to answer
PATIENCE = 300  # seconds that cancelled jobs have to end
INTERVAL = 15  # seconds between two looks at the queue
REPEAT = 40  # looks after which what was said is said again
LOGS = Path("logs/slurm")  # where profiles/slurm lets Slurm write what jobs say
REFUSED = re.compile(r"SLURM sbatch failed\. The error message was '(.*)")
FAILED = re.compile(r"SLURM-job '(\d+)' failed.* '([A-Z_]+)'")
LONGEST_POLL = 180  # seconds that the executor plugin lets pass, at most, between two questions for a job's state


@dataclass(frozen=True)
class Builds:
    """The builds of this folder of which jobs may be left on the cluster."""

    current: str | None  # the token of the build that runs now, if it submits jobs
    ended: dict[str, float]  # the tokens of others, each with the time when their end was seen

    @property
    def tokens(self) -> set[str]:
        return {*self.ended, *filter(None, [self.current])}


@dataclass(frozen=True)
class ClusterJob:
    """One job of a build of this folder that has not ended."""

    number: str
    state: str  # Slurm's word: PENDING, RUNNING, COMPLETING, ...
    reason: str  # why it waits: Resources, Priority, ...
    comment: str  # what the executor plugin says of it: "rule_train_wildcards_..."

    def __str__(self) -> str:
        what = self.comment.removeprefix("rule_").replace("_wildcards_", " ")
        return f"{self.number} ({what}, {self.state.lower()})"


def options(profile: str, root: Path) -> list[str]:
    """Return Snakemake's options for a folder of profiles/; if it submits to Slurm, an error unless that can work."""
    path = profile_file(profile, root)
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    if settings.get("executor") == "slurm":
        check(settings.get("slurm-status-command", ""))
    return ["--profile", str(path.parent)]


def check(status_command: str) -> None:
    """Raise unless jobs can be submitted, and their end be seen by `status_command`."""
    if lacking := [name for name in PROGRAMS if not shutil.which(name)]:
        raise ReproseError(
            f"Slurm: not found in PATH: {', '.join(lacking)}. Start the build on a host that submits jobs."
        )
    if not find_spec(PLUGIN):
        raise ReproseError("Slurm: Snakemake's executor plugin is missing: pip install -r requirements-slurm.txt.")
    shown = _ask("scontrol", "show", "config")
    age = next((line.split("=")[1].split()[0] for line in shown.splitlines() if line.startswith("MinJobAge")), "")
    if status_command == "squeue" and age.isdigit() and 0 < int(age) <= LONGEST_POLL:
        raise ReproseError(
            f"Slurm: this cluster forgets a job {age} s after its end (MinJobAge). 'squeue' could miss the end, and the"
            f" build wait for ever; more than {LONGEST_POLL} s are needed. Set 'slurm-status-command: sacct'."
        )


def settle(submits: bool) -> str | None:
    """Cancel what interrupted builds left on the cluster, and let none of it start. Needs the lock `build`.

    Return the token of this build if it `submits`: the names of its jobs must begin with it and an underscore.
    """
    if not (submits or MARKER.exists()):
        return None
    known, now = _read(), time.time()
    ended = known.ended | ({known.current: now} if known.current else {})
    _write(Builds(None, ended))  # from now on, none of their jobs starts to work
    _cancel()
    token = f"reprose-{uuid.uuid4().hex[:16]}" if submits else None
    _write(Builds(token, {name: end for name, end in ended.items() if now - end < MEMORABLE}))
    if token:
        os.environ[TOKEN_VARIABLE] = token
    return token


def check_wanted() -> None:
    """In a job on the cluster, raise unless the build that submitted it is still the one that builds here."""
    token = os.environ.get(TOKEN_VARIABLE)
    if token and _read().current != token:
        raise ReproseError("this job was submitted by a build that has ended since; nothing is left to do for it.")


def jobs() -> list[ClusterJob]:
    """Return the jobs of this folder's builds that pend, run or end just now."""
    tokens = _read().tokens
    if not tokens:
        return []
    lines = _ask("squeue", "--noheader", f"--user={os.getuid()}", "--format=%i|%j|%T|%r|%k|%Z").splitlines()
    found = []
    for number, name, state, reason, comment, folder in (line.split("|", 5) for line in lines if line.count("|") >= 5):
        ours = name.partition("_")[0] in tokens and number != os.environ.get("SLURM_JOB_ID")
        if ours and os.path.realpath(folder) == os.path.realpath(os.curdir):  # a copy of this folder has our tokens
            found.append(ClusterJob(number, state, reason, comment))
    return found


def _read() -> Builds:
    """Return the builds of which jobs may be left; raise where that cannot be told."""
    try:
        found = json.loads(MARKER.read_text())
        return Builds(found["current"], {str(token): float(end) for token, end in found["ended"].items()})
    except FileNotFoundError:
        return Builds(None, {})
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ReproseError(
            f"{MARKER}: damaged, expected the tokens of builds. Their jobs may be left on the cluster: see squeue,"
            " cancel those in this folder whose names begin with 'reprose-', and delete the file."
        ) from None


def _write(builds: Builds) -> None:
    if builds.tokens:
        write_whole(MARKER, json.dumps({"current": builds.current, "ended": builds.ended}).encode())
    else:
        MARKER.unlink(missing_ok=True)


@contextmanager
def told() -> Iterator[None]:
    """While the body runs, say what waits on the cluster and why, whenever that changes and every ten minutes."""
    over = threading.Event()
    teller = threading.Thread(target=_tell, args=(over,), daemon=True)
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()


def summary(found: Iterable[ClusterJob]) -> str:
    """Return what jobs do, in one line: "on the cluster: 2 running, 3 pending (Resources)"."""
    counts = Counter(job.state.lower() for job in found)
    reasons = ", ".join(sorted({job.reason for job in found if job.state == "PENDING" and job.reason != "None"}))
    known = {"pending": f"pending ({reasons})"} if reasons else {}
    said = [f"{count} {known.get(state, state)}" for state, count in sorted(counts.items(), reverse=True)]
    return f"on the cluster: {', '.join(said)}"


def explained(line: str) -> str:
    """Return a line of Snakemake's output, in words for the person who builds if it tells of a job that failed."""
    if refused := REFUSED.search(line):
        return f"{MARK}error: the cluster takes no such job: {refused[1]}\n"
    if failed := FAILED.search(line):
        reasons = "".join(f"{MARK}  {reason}\n" for reason in _reasons(failed[1]))
        return f"{MARK}error: job {failed[1]} on the cluster has ended as {failed[2]}\n{reasons}"
    return f"{MARK}trying again\n" if line.startswith("Trying to restart job") else line


def _reasons(number: str) -> list[str]:
    """Return what Slurm, and the step itself, wrote of an error into the log of a job."""
    text = "".join(path.read_text(encoding="utf-8", errors="replace") for path in LOGS.glob(f"*/*/{number}.log"))
    step = [line.removeprefix(MARK) for line in text.splitlines() if line.startswith(MARK)]
    return list(dict.fromkeys(step + re.findall(r"^slurmstepd\S*: error: .*", text, re.M)))


def _tell(over: threading.Event) -> None:
    said, looks = "", 0
    while not over.wait(INTERVAL):
        if not _read().current:
            continue
        try:
            found = jobs()
            text = summary(found) if found else ""
        except ReproseError as error:
            text = str(error)
        looks += 1
        if text and (text != said or looks % REPEAT == 0):
            print(text, flush=True)
        said = text


def _cancel() -> None:
    """Cancel all jobs of this folder's builds, also those that come meanwhile, and wait until they have ended."""
    cancelled: set[str] = set()
    end = time.monotonic() + PATIENCE
    while left := jobs():
        if fresh := [job for job in left if job.number not in cancelled and job.state != "COMPLETING"]:
            names = ", ".join(map(str, fresh))
            print(f"cancelling what an interrupted build left on the cluster: {names}", file=sys.stderr, flush=True)
            cancelled.update(job.number for job in fresh)
            _ask("scancel", "--quiet", *(job.number for job in fresh))  # quiet, if one has ended meanwhile
        if time.monotonic() > end:
            raise ReproseError(
                f"Slurm: {', '.join(map(str, left))}: cancelled {PATIENCE} s ago, but not ended. Run again when squeue"
                " no longer lists them; on a node that hangs, the cluster's administrator must end them."
            )
        time.sleep(1)


def _ask(*command: str) -> str:
    """Return what one of Slurm's programs prints; if it fails or hangs, raise and say what that leaves unknown."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=ANSWER)
        fault = done.stderr.strip() if done.returncode else ""
    except FileNotFoundError:
        fault = "not found in PATH"
    except subprocess.TimeoutExpired:
        fault = f"no answer for {ANSWER} s"
    if fault:
        left = f" Jobs of an interrupted build may be left there; if you are sure that none is, delete {MARKER}."
        raise ReproseError(f"Slurm: '{command[0]}': {fault}. Run again when it works.{left if MARKER.exists() else ''}")
    return done.stdout
