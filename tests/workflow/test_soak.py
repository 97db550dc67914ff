"""Builds that are killed over and over, at random moments, end with the same bytes as one that was left alone.

SOAK_KILLS=100 SOAK_SEED=7 make test ARGS="-s tests/workflow/test_soak.py" soaks longer, with other moments.
"""

import os
import random
import shutil
import signal
import subprocess
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml

from workflow.processes import processes
from workflow.project import HANGS, Project, make_toy

KILLS = int(os.environ.get("SOAK_KILLS", "24"))
SEED = int(os.environ.get("SOAK_SEED", "1"))
COPIES = 2  # soaked at the same time
CHAIN = 4  # kills of one build before it may end
VICTIMS = ("step", "snakemake", "front door", "everything")
MADE = ("data", "results", ".snakemake", ".reprose")


class Soak:
    """One copy of the toy project, what an undisturbed build of it gives and takes, and what was done to it."""

    def __init__(self, project: Project, seed: int) -> None:
        self.project = project
        self.random = random.Random(seed)
        self.faults: Counter[str] = Counter()
        self.moments: list[float] = []  # of the kills, as shares of an undisturbed build
        self.ended = 0
        started = time.monotonic()
        project.build()
        self.duration = time.monotonic() - started  # of a build from nothing on this machine, as busy as it is
        self.whole = project.made()

    def run(self, kills: int) -> None:
        """Kill builds `kills` times; after each chain of kills, let a build end and compare."""
        while sum(self.faults.values()) < kills:
            for name in self.random.choice([MADE, MADE[:2], MADE[1:2]]):
                shutil.rmtree(self.project.folder / name, ignore_errors=True)
            for link in range(min(CHAIN, kills - sum(self.faults.values()))):
                seconds = self.disturb(self.random.choice(VICTIMS), self.random.random())
                if seconds and not link:  # the machine is less busy than it was
                    self.duration = min(self.duration, seconds)
            self.end()

    def disturb(self, victim: str, moment: float) -> float | None:
        """Start a build and kill `victim` at `moment`, a share of the duration, or when such a process next runs.

        Returns the seconds that the build took, if it ended before.
        """
        build, started = self.project.start(), time.monotonic()
        while build.poll() is None and time.monotonic() - started < moment * self.duration:
            time.sleep(0.01)
        killed = False
        while build.poll() is None and not killed:
            killed = self.kill(build, victim)
            time.sleep(0.01)
        text, _ = build.communicate(timeout=HANGS)
        assert "Traceback" not in text, text
        if killed:
            self.faults[victim] += 1
            self.moments.append(moment)
            assert build.returncode <= 0 or "error: " in text, text
            print(f"{victim} killed at {moment:.2f} of {self.duration:.0f} s: {build.returncode}", flush=True)
        if build.returncode == 0:  # ended before the kill, or without what was killed
            assert self.project.made() == self.whole
            self.ended += 1
        return None if killed else time.monotonic() - started

    def kill(self, build: subprocess.Popen, victim: str) -> bool:
        """Kill at once; return False where no such process runs."""
        if victim == "everything":
            os.killpg(build.pid, signal.SIGKILL)
            return True
        words = {"step": "reprose.steps", "snakemake": "snakemake"}
        found = [build.pid] if victim == "front door" else processes(self.project.folder, words[victim])
        try:
            os.kill(found[0], signal.SIGKILL)
        except (IndexError, ProcessLookupError):
            return False
        return True

    def end(self) -> None:
        """Let a build end, and compare what lies there with what an undisturbed build makes."""
        build = self.project.start()
        text, _ = build.communicate(timeout=HANGS)
        assert build.returncode == 0, text
        assert self.project.made() == self.whole
        self.ended += 1
        print(f"build {self.ended} ended right", flush=True)


def small(folder: Path) -> Project:
    """Return a toy project without the variant that adds two waves, and with trainings that take a second."""
    project = make_toy(folder)
    config = yaml.safe_load(project.read("config.yaml"))
    del config["views"]["shifted"], config["problems"]["toy"]["variants"]["follower"]
    config["problems"]["toy"]["hyperparameters"]["pause"] = 0.02
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    return project


def soak(project: Project, seed: int) -> Soak:
    """Return a soaked copy."""
    made = Soak(project, seed)
    made.run(-(-KILLS // COPIES))
    return made


def test_killed_builds_end_with_the_bytes_of_an_undisturbed_one(tmp_path, record_property):
    copies = [small(tmp_path / str(number)) for number in range(COPIES)]
    with ThreadPoolExecutor(COPIES) as pool:
        soaked = list(pool.map(soak, copies, range(SEED, SEED + COPIES)))
    faults = sum((made.faults for made in soaked), Counter())
    moments = sorted(moment for made in soaked for moment in made.moments)
    thirds = [sum(low <= 3 * moment < low + 1 for moment in moments) for low in range(3)]
    told = (
        f"{faults.total()} kills ({dict(faults)}; {thirds} by third of a build), {sum(m.ended for m in soaked)} ended"
    )
    print(told)
    record_property("soak", told)
    assert all(made.whole == soaked[0].whole for made in soaked)
    assert faults.total() >= KILLS
    assert soaked[0].project.build().ran == set()
