"""What share of two cores' time `make report` spends on anything but the steps: from nothing, on the sample tier.

Run as `PYTHONPATH=.:tests python tests/bench/orchestration.py [builds]` (one build by default, some four
minutes). Each build is the front door's own, in a fresh copy of this project and on two cores. In the copy, a shell
script stands between the rules and the steps; it notes when each step's process starts and ends, which costs three
milliseconds a job. With W the seconds of the build and S the sum of the steps' seconds from exec to exit, the overhead
is (2 W - S) / 2 W. It is split by what the cores waited for: the first question what there is to do, each Snakemake's
start until its first step, the ends of waves where one core has nothing left to do, Snakemake's end after the last
step, and what lies between steps. The goal is printed beside.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from reprose.commands import cli
from reprose.commands.invocation import Snakemake
from workflow.project import Project, make_copy

CORES = 2
GOAL = 20.0  # percent
STEPS, PHASES = Path("steps.txt"), Path("phases.txt")
WRAPPER = """#!/bin/bash
start=$EPOCHREALTIME
python "$@"
status=$?
echo "$3 $start $EPOCHREALTIME" >> steps.txt
exit $status
"""


@dataclass(frozen=True)
class Span:
    """What ran from when to when, in seconds of the clock."""

    name: str
    start: float
    end: float

    @property
    def seconds(self) -> float:
        return self.end - self.start


def timed(run: Callable[..., int]) -> Callable[..., int]:
    """Let the front door note when it calls Snakemake."""

    def noted(snakemake: Snakemake, targets: Iterable[str], *others: object) -> int:
        targets, started = list(targets), time.time()
        status = run(snakemake, targets, *others)
        note(f"wave of {len(targets)} records", started)
        return status

    return noted


def note(name: str, started: float) -> None:
    with PHASES.open("a") as file:
        file.write(f"{name.replace(' ', '_')} {started} {time.time()}\n")


def main() -> None:
    """Build as often as asked, and print where the time of each build went."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    for number in range(int(sys.argv[1]) if len(sys.argv) > 1 else 1):
        with tempfile.TemporaryDirectory() as folder:
            project = prepare(Path(folder, "project"))
            whole = run(project)
            show(number + 1, whole, spans(project.folder / STEPS), spans(project.folder / PHASES))


def prepare(folder: Path) -> Project:
    """Return a copy of the project in which the steps' processes are timed."""
    project = make_copy(folder)
    (folder / "timed.sh").write_text(WRAPPER)
    for rules in (folder / "workflow/rules").glob("*.smk"):
        rules.write_text(rules.read_text().replace("python -m reprose.steps", "bash timed.sh -m reprose.steps"))
    return project


def run(project: Project) -> Span:
    """Build all handouts of the sample tier."""
    here, started = str(Path(__file__).parents[1]), time.time()
    environment = project.environment()
    environment["PYTHONPATH"] = os.pathsep.join([str(project.folder), here])
    command = [sys.executable, __file__, "front door", "build", "--", "--cores", str(CORES)]
    subprocess.run(command, cwd=project.folder, env=environment, stdout=subprocess.DEVNULL, check=True, timeout=3600)
    return Span("build", started, time.time())


def spans(path: Path) -> list[Span]:
    rows = [line.split() for line in path.read_text().splitlines()]
    return sorted((Span(name, float(start), float(end)) for name, start, end in rows), key=lambda span: span.start)


def show(number: int, whole: Span, steps: list[Span], phases: list[Span]) -> None:
    """Print the overhead of one build, and what the cores waited for."""
    worked, available = sum(step.seconds for step in steps), CORES * whole.seconds
    share = 100 * (available - worked) / available
    print(f"build {number}: {whole.seconds:.1f} s, {len(steps)} steps of {worked:.1f} s together", end="; ")
    print(f"overhead {share:.1f} % (goal: at most {GOAL:.0f} %)")
    lost = {"front door": CORES * (whole.seconds - sum(phase.seconds for phase in phases))}
    print(f"  {'phase':<22} {'seconds':>8} {'steps':>6} {'idle core seconds: start':>25}", end=" ")
    print(f"{'tail':>7} {'end':>7} {'between':>8}")
    for phase in phases:
        inside = [step for step in steps if phase.start <= step.start <= phase.end]
        parts = idle(phase, inside)
        print(f"  {phase.name:<22} {phase.seconds:8.1f} {len(inside):6}", end=" ")
        print(f"{parts['start']:25.1f} {parts['tail']:7.1f} {parts['end']:7.1f} {parts['between']:8.1f}")
        for name, seconds in parts.items():
            lost[name] = lost.get(name, 0) + seconds
    told = ", ".join(f"{name} {seconds:.1f} s ({100 * seconds / available:.1f} %)" for name, seconds in lost.items())
    print(f"  idle: {told}; between steps {lost['between'] / len(steps):.3f} s each", flush=True)


def idle(phase: Span, steps: list[Span]) -> dict[str, float]:
    """Return the seconds of a core in which no step ran: before the first, at the end of a wave, after it, between."""
    if not steps:
        return {"start": CORES * phase.seconds, "tail": 0.0, "end": 0.0, "between": 0.0}
    last, *others = sorted((step.end for step in steps), reverse=True)
    started = min(step.start for step in steps)
    parts = {
        "start": CORES * (started - phase.start),
        "tail": last - max([started, *others]),
        "end": CORES * (phase.end - last),
    }
    whole = CORES * phase.seconds - sum(step.seconds for step in steps)
    return {**parts, "between": whole - sum(parts.values())}


if __name__ == "__main__":
    if sys.argv[1:2] == ["front door"]:
        del sys.argv[1]
        Snakemake.run = timed(Snakemake.run)
        cli.main()
    else:
        main()
