"""Snakemake as the front door calls it: one invocation, with the build lock handed on, and what it does shown.

Two streams come back. The plugin under plugins/ tells what happens to which job. Snakemake's own output, with all that
steps print, goes into a log; of that, the lines which a step says to the person are shown.
"""

import json
import os
import re
import selectors
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from reprose.base.faults import CALLS, CODE
from reprose.base.messages import MARK
from reprose.commands import profiles, slurm
from reprose.commands.diagnosis import Said, diagnosis, has_prints, silence
from reprose.commands.screen.lines import Lines
from reprose.data.mirror_address import VARIABLE, resolved
from reprose.jobs import locks
from reprose.jobs.rules import RULES, job_name
from reprose.steps import __main__ as steps

PLUGINS = Path(__file__).parent / "plugins"
FAULT = re.compile(rf"(?P<where>error: .*?)(?P<fault>{CODE}/\S+:\d+: .*)")  # as the frame of a step says it
CHUNK = 65536  # bytes that are read at once
INHERITED = {"PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}  # else each step starts twice


class Snakemake:
    """Runs Snakemake with the options of one build."""

    def __init__(self, tier: str, descriptor: int, options: list[str]) -> None:
        self.tier = tier
        self.descriptor = descriptor
        self.options = options

    def run(self, targets: Iterable[str], screen: Lines) -> int:
        """Bring the files `targets` up to date and return Snakemake's exit status; `screen` shows what happens."""
        read, write = os.pipe()
        events = ["--logger", "reprose", "--logger-reprose-descriptor", str(write)]
        options = [*events, *profiles.default(Path.cwd()), *self.options, "--keep-going"]
        command = [sys.executable, "-m", "snakemake", *options, "--", *targets]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "pass_fds": [self.descriptor, write]}
        environment = {**self.environment(), "PYTHONPATH": _joined(str(PLUGINS), os.environ.get("PYTHONPATH"))}
        with log_of(self.tier) as file, slurm.told():
            invocation = Invocation(screen, file.write)
            with subprocess.Popen(command, env=environment, preexec_fn=locks.end_with_parent, **pipes) as running:
                os.close(write)
                _attend(running, {running.stdout.fileno(): invocation.hear, read: invocation.note}, screen)
        os.close(read)
        for line in diagnosis(running.returncode, invocation.said) if running.returncode else ():
            screen.say(line)
        return running.returncode

    def environment(self) -> dict[str, str]:
        """Return the environment of Snakemake, in which steps find this Python, and its cache a place."""
        path = _joined(str(Path(sys.executable).parent), os.environ.get("PATH"))
        return {**os.environ, **_cache(), "PATH": path, locks.BUILD_VARIABLE: str(self.descriptor)}


class Invocation:
    """What one invocation of Snakemake says, line by line."""

    def __init__(self, screen: Lines, log: Callable[[bytes], object]) -> None:
        self.screen = screen
        self.log = log
        self.logs: dict[int, list[str]] = {}  # Snakemake's number of a job -> its logs
        self.said = Said()
        self.faults: set[str] = set()  # that steps have met in the project's code
        self.is_known = False  # whether the lines that come now tell of one of these once more
        self.names: dict[int, str] = {}  # Snakemake's number of a job -> its name

    def hear(self, line: bytes) -> None:
        """Take a line of output into the log, and show it if a step says it to the person."""
        with suppress(OSError):  # a full disk must not end the reading; the steps tell of it
            self.log(line)
        text = line.decode(errors="replace")
        self.said.hear(text)
        if text.startswith(MARK) and (told := self._short(text.removeprefix(MARK).rstrip("\n"))):
            self.screen.say(told)

    def _short(self, line: str) -> str:
        """Return a line that a step says; of a fault of the project's code that another job has met too, only where."""
        if found := FAULT.match(line):
            self.is_known = found["fault"] in self.faults
            self.faults.add(found["fault"])
            return f"{found['where']}the same as above" if self.is_known else line
        self.is_known = self.is_known and line.startswith(("  ", CALLS))  # the lines that follow that one
        return "" if self.is_known else line

    def note(self, line: bytes) -> None:
        """Show what a line from the plugin tells."""
        self.take(json.loads(line))

    def take(self, event: Mapping[str, Any]) -> None:
        """Show what an event tells."""
        getattr(self, f"_{event['event']}")(event)

    def _started(self, event: Mapping[str, Any]) -> None:
        name = name_of(event)
        self.names[event["id"]] = name
        self.logs[event["id"]] = event["logs"]
        self.screen.started(name, event["time"])

    def _finished(self, event: Mapping[str, Any]) -> None:
        name = self.names.get(event["id"], str(event["id"]))
        self.screen.finished(name, event["time"])
        if not self.screen.told_of_prints and (log := next(filter(has_prints, self.logs.get(event["id"], [])), None)):
            self.screen.told_of_prints = True
            self.screen.say(f"what {name} prints stands in {log}; what others print, in logs of their own")

    def _failed(self, event: Mapping[str, Any]) -> None:
        name = self.names.get(event["id"]) or name_of(event)
        self.screen.failed(name)
        if self._explain(event["text"]) or self.screen.is_interrupted or self.said.refused:
            return
        if told := silence(name, event["logs"]):
            self._tell(told)

    def _error(self, event: Mapping[str, Any]) -> None:
        self.said.errors.append(event["text"])

    def _said(self, event: Mapping[str, Any]) -> None:
        self._explain(event["text"])

    def _explain(self, text: str) -> bool:
        """Show what a text says of a job on the cluster; return whether it says anything."""
        lines = [told for line in text.splitlines() for told in slurm.explained(f"{line}\n").splitlines()]
        told = [line.removeprefix(MARK) for line in lines if line.startswith(MARK)]
        for line in told:
            self._tell(line)
        return bool(told)

    def _tell(self, line: str) -> None:
        self.said.hear(f"{MARK}{line}\n")
        self.screen.say(line)


def log_of(tier: str) -> IO[bytes]:
    """Open the log of all that Snakemake and steps say, to write on at its end."""
    log = Path("logs", tier, "snakemake.log")
    log.parent.mkdir(parents=True, exist_ok=True)
    return open(log, "ab", buffering=0)


def step_environment() -> dict[str, str]:
    """Return the environment that steps are started in: in another they would start twice, or lack what they need."""
    environment = {**os.environ, **INHERITED, "PATH": _joined(str(Path(sys.executable).parent), os.environ.get("PATH"))}
    for name in steps.python_variables():
        if name not in ("PYTHONPATH", *INHERITED):  # which the rules clear, and nodes of a cluster may need
            del environment[name]
    if VARIABLE in environment:
        environment[VARIABLE] = resolved(environment[VARIABLE])  # steps have a home of their own
    return environment


def step_call(rule: str, description: Path) -> dict[str, Any]:
    """Return the `args` and the `env` with which a process is started that runs a step, as the rules start it."""
    args = ["python", "-m", "reprose.steps", rule, str(description)]
    return {"args": args, "env": {**step_environment(), "PYTHONPATH": ""}}


def name_of(event: Mapping[str, Any]) -> str:
    """Return the name of a job; a rule that a project adds has its own and the values of its wildcards."""
    rule, wildcards = event["rule"], event["wildcards"]
    if rule in RULES and set(RULES[rule].wildcards) <= wildcards.keys():
        return job_name({"rule": rule, **wildcards})
    return "/".join([*wildcards.values(), rule])


def _attend(running: subprocess.Popen, streams: Mapping[int, Callable[[bytes], None]], screen: Lines) -> None:
    """Read all streams to their ends; where a signal breaks that off, end the jobs and read what is left."""
    ears = {descriptor: Ear(hear) for descriptor, hear in streams.items()}
    try:
        _read(ears)
    except BaseException as reason:
        with suppress(OSError):  # a closed terminal
            screen.interrupted()
        _end(running, isinstance(reason, KeyboardInterrupt))
        _read(ears)
        raise


def _end(running: subprocess.Popen, is_interrupted: bool) -> None:
    """Let Snakemake start no more jobs and cancel those on a cluster, and end the steps that run here.

    The key of a terminal interrupts all processes, but `kill` and a time limit reach this one alone; and Snakemake
    waits for steps that have not been interrupted.
    """
    import psutil  # here, as few builds are broken off

    if not (is_interrupted and _is_in_the_foreground()):  # a second interruption would disturb what the first began
        ignored = signal.getsignal(signal.SIGINT) == signal.SIG_IGN  # as of what a shell starts in the background
        running.send_signal(signal.SIGTERM if ignored else signal.SIGINT)
    with suppress(psutil.Error):
        for process in psutil.Process(running.pid).children(recursive=True):
            with suppress(psutil.Error):
                if "reprose.steps" in process.cmdline():
                    process.terminate()


def _is_in_the_foreground() -> bool:
    """Return whether the keys of a terminal reach this process and those that it started."""
    try:
        with open("/dev/tty") as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False


def _read(ears: "dict[int, Ear]") -> None:
    with selectors.DefaultSelector() as selector:
        for descriptor, ear in ears.items():
            if not ear.is_deaf:
                selector.register(descriptor, selectors.EVENT_READ, ear)
        while selector.get_map():
            for key, _ in selector.select():
                chunk = os.read(key.fd, CHUNK)
                key.data.take(chunk)
                if not chunk:
                    selector.unregister(key.fd)


class Ear:
    """Cuts a stream into lines."""

    def __init__(self, hear: Callable[[bytes], None]) -> None:
        self.hear = hear
        self.rest = b""
        self.is_deaf = False  # at the end of the stream

    def take(self, chunk: bytes) -> None:
        """Pass on the lines that a chunk completes; an empty one ends the stream."""
        self.is_deaf = not chunk
        *lines, self.rest = (self.rest + chunk).split(b"\n")
        if self.is_deaf and self.rest:
            lines.append(self.rest)
        for line in lines:
            self.hear(line + b"\n")


def _joined(first: str, others: str | None) -> str:
    """Return a list of folders that begins with `first`; one that does is left as it is."""
    known = (others or "").split(os.pathsep)
    return others if known[0] == first else os.pathsep.join(filter(None, [first, others]))


def _cache() -> dict[str, str]:
    """Return the variable that gives Snakemake's cache a place of its own if there is no home folder to write to."""
    usual = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"))
    there = next((folder for folder in (usual, *usual.parents) if os.path.lexists(folder)), usual)
    if usual.is_absolute() and there.is_dir() and os.access(there, os.W_OK):
        return {}
    return {"XDG_CACHE_HOME": str((locks.FOLDER / "cache").absolute())}
