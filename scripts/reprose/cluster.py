"""Builds whose jobs run on a Slurm cluster: none goes on beside jobs that an interrupted one left there, or in silence.

The locks tell of processes on this machine. What a dead build left on the cluster, running or pending, is asked of the
cluster itself, by the working directory of its jobs. And each build gives its jobs a token, so that a job whose
submission was under way when the build died finds, when it starts, that its build is gone.
"""

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

from reprose import locks
from reprose.errors import ReproseError
from reprose.step import MARK

MARKER = locks.FOLDER / "slurm"  # the token of the last build here that submitted jobs; absent where none can be left
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
class ClusterJob:
    """One job of this folder that has not ended."""

    number: str
    state: str  # Slurm's word: PENDING, RUNNING, COMPLETING, ...
    reason: str  # why it waits: Resources, Priority, ...
    comment: str  # what the executor plugin says of it: "rule_train_wildcards_..."

    def __str__(self) -> str:
        what = self.comment.removeprefix("rule_").replace("_wildcards_", " ")
        return f"{self.number} ({what}, {self.state.lower()})"


def options(profile: str, root: Path) -> list[str]:
    """Return Snakemake's options for a folder of profiles/; if it submits to Slurm, an error unless that can work."""
    path = root / "profiles" / profile / "profile.yaml"
    if not path.exists():
        known = ", ".join(sorted(found.parent.name for found in root.glob("profiles/*/profile.yaml")))
        raise ReproseError(f"no profile '{profile}' in {root / 'profiles'}. There are: {known}.")
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


def settle(submits: bool) -> None:
    """Cancel what an interrupted build left on the cluster, and let none of it start. Needs the lock `build`."""
    if not (submits or MARKER.exists()):
        return
    if left := jobs():
        _cancel(left)
    if submits:
        os.environ[TOKEN_VARIABLE] = uuid.uuid4().hex
        MARKER.write_text(os.environ[TOKEN_VARIABLE])
    else:
        MARKER.unlink()


def check_wanted() -> None:
    """In a job on the cluster, raise unless the build that submitted it is still the one that builds here."""
    token = os.environ.get(TOKEN_VARIABLE)
    if token and (not MARKER.exists() or MARKER.read_text() != token):
        raise ReproseError("this job was submitted by a build that has ended since; nothing is left to do for it.")


def jobs() -> list[ClusterJob]:
    """Return this user's jobs in this folder that pend, run or end just now."""
    lines = _ask("squeue", "--noheader", f"--user={os.getuid()}", "--format=%i|%T|%r|%k|%Z").splitlines()
    rows = [line.split("|", 4) for line in lines if line.count("|") >= 4]
    return [ClusterJob(*row[:4]) for row in rows if os.path.realpath(row[4]) == os.path.realpath(os.curdir)]


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
        if not MARKER.exists():
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


def _cancel(left: list[ClusterJob]) -> None:
    names = ", ".join(map(str, left))
    print(f"cancelling what an interrupted build left on the cluster: {names}", file=sys.stderr, flush=True)
    _ask("scancel", *(job.number for job in left))
    end = time.monotonic() + PATIENCE
    while left := jobs():
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
