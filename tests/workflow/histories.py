"""Random histories of the toy project: edits, failures, kills, losses and builds in any order.

After each build that ended well, its results are compared with those of a clean build of the same sources; the front
door must have run no job whose result was at hand, and `plan` must have foretold what it ran. LaTeX and pandoc are
replaced by programs that print the digest of what they read (typesetters.py), and Python by one that starts at once
(forked.py); other tests build with the real ones.

python -m workflow.histories --count 300 --seed 7    tries 300 histories
python -m workflow.histories --replay '[["toggle", ["view"]], ["build", ["front door"]]]'    repeats one
"""

import argparse
import fcntl
import hashlib
import itertools
import json
import math
import os
import pickle
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from workflow.edits import BREAKS, EDITS, Sources, prepare
from workflow.forked import Server
from workflow.project import HANGS, Build, Project, make_toy
from workflow.typesetters import outlined

STEPS = 8  # of one history, beside the build that ends it
BETWEEN = 2  # changes between two builds, at most
THEME = 4  # edits that one history makes and undoes
AT_A_TIME = 5
SHARE = 4  # histories that share a theme, so that they come to states of which a clean build is known
FRONT, BARE = DOORS = ("front door", "bare snakemake")
TRAINING = "training with a checkpoint"
CHECKPOINTS = "results/sample/checkpoints"
FOLLOWS = {"prepare": "fetch", "choose": "train", "evaluate": "choose", "typeset": "write"}
STEP = "-m reprose.steps "
WORDS = {  # what is killed -> how its arguments begin
    TRAINING: f"{STEP}train ",
    "step": STEP,
    "snakemake": "-m snakemake ",
    "front door": "-m reprose build ",
    "everything": "",
}
LOSSES = (".snakemake", ".reprose", CHECKPOINTS, "results", "data", "logs", ".stale", "records")
LEFT = ("data", "results", "logs", ".snakemake", ".reprose")  # what builds leave in a project
LOOKS = ("--dry-run", "--summary", "--dag=dot", "--rulegraph=mermaid-js", "--list-changes=input", "--lint")
FORETELL = """
import json
from pathlib import Path
from reprose.commands import plan
from reprose.commands.snakefile import load_jobs
from reprose.config import reading
from reprose.jobs import locks
from reprose.jobs.assessment import Assessment
from reprose.jobs.digests import Digests
jobs = load_jobs(reading.load(Path("config.yaml")), Path.cwd())["sample"]
foreseen = Assessment(jobs, Digests(locks.FOLDER / "digests.json"))
print("\\n".join(plan.told(foreseen)))
print(json.dumps([[job.record for job in jobs] for jobs in (foreseen.must, foreseen.may)]))
"""


class Workshop:
    """What all histories of one process share: the server, the toy project, and what clean builds give."""

    def __init__(self, server: Server, folder: Path, shared: Path) -> None:
        self.server = server
        self.folder = folder
        self.shared = shared  # with other processes
        self.counts: Counter[str] = Counter()
        self.numbers = itertools.count(1)
        self.wanted = math.inf  # histories
        self.seconds: Counter[str] = Counter()
        self.fresh = prepare(self.equipped(make_toy(folder / "fresh/project")))
        self.sources = Sources(self.fresh)

    def equipped(self, project: Project) -> Project:
        """Return `project`, to be built with programs of its own, which lie beside it."""
        return outlined(self.server.equipped(project))

    def copy(self, project: Project, name: str) -> Project:
        """Return a copy of `project` in a folder of its own."""
        return self.equipped(project.copy(self.folder / name / "project"))

    def clean(self, state: frozenset[str]) -> dict[str, bytes]:
        """Return what a build from nothing makes of a state."""
        self.sources.write(self.fresh, state)
        return self.clean_build(self.fresh)

    def clean_build(self, project: Project) -> dict[str, bytes]:
        """Return what a build from nothing makes of the sources of `project`; it is done once for equal sources."""
        sources = sorted(path for path in project.folder.iterdir() if path.name not in LEFT)
        name = self._digest(project, sources)
        with self.alone(name):
            kept = self.shared / f"{name}.pickle"
            if not kept.exists():
                kept.write_bytes(pickle.dumps(self._clean_build(project, sources)))
            return pickle.loads(kept.read_bytes())

    @staticmethod
    def _digest(project: Project, sources: list[Path]) -> str:
        found = hashlib.sha256(json.dumps(sorted(project.variables.items())).encode())
        for path in sorted(file for top in sources for file in (top, *top.rglob("*")) if file.is_file()):
            if "__pycache__" not in path.parts:
                content = path.read_bytes()
                found.update(f"{path.relative_to(project.folder)} {len(content)}\n".encode() + content)
        return found.hexdigest()[:16]

    def _clean_build(self, project: Project, sources: list[Path]) -> dict[str, bytes]:
        folder = self.folder / "clean"
        folder.mkdir()
        for path in sources:
            target = folder / "project" / path.name
            target.parent.mkdir(exist_ok=True)
            shutil.copytree(path, target) if path.is_dir() else shutil.copy(path, target)
        clean = self.equipped(Project(folder / "project", variables=project.variables))
        try:
            with self.timed("clean builds"):
                clean.snakemake()
            return clean.made()
        finally:
            shutil.rmtree(folder)

    def built(self) -> Project:
        """Return the unedited project, built by the front door once."""
        with self.alone("built"):
            folder = self.shared / "built"
            if not folder.exists():
                self.sources.write(self.fresh, ())
                self.fresh.build()
                shutil.copytree(self.fresh.folder, folder)
        return Project(folder)

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """Keep other processes out of the block of this name."""
        with open(self.shared / f"{name}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Count the block, and the seconds that it takes."""
        self.counts[what] += 1
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[what] += time.monotonic() - started


class Histories(RuleBasedStateMachine):
    """One history."""

    workshop: Workshop
    themes: list[list[str]]
    fault: tuple[int, BaseException] | None = None  # at which step a history failed; Hypothesis asks for it again

    def __init__(self) -> None:
        super().__init__()
        self.log: list[tuple[str, list]] = []
        self.state: frozenset[str] = frozenset()
        self.theme: list[str] = []
        self.changes = 0  # since the last build
        self.failed = False
        self.skipped = False
        self.elder: list[tuple[str, Path]] = []  # copies of what earlier builds left
        self.started = time.monotonic()
        self.project = self.workshop.copy(self.workshop.built(), f"history-{next(self.workshop.numbers)}")
        self.keep()

    @initialize(theme=st.integers(0, 999))
    def begin(self, theme: int) -> None:
        """Choose which edits this history makes; skip the simplest one, with which Hypothesis always begins.

        Those are skipped, too, that Hypothesis makes beyond what was asked for, as it may not count some of them.
        """
        self.theme = self.themes[theme % len(self.themes)]
        enough = self.workshop.counts["histories"] >= self.workshop.wanted
        self.skipped = not theme or (enough and not Histories.fault)

    @precondition(lambda self: self.changes < BETWEEN)
    @rule(number=st.integers(0, THEME - 1))
    def edit(self, number: int) -> None:
        """Make an edit, or undo it if it is made."""
        self.do("toggle", self.theme[number % len(self.theme)])

    @precondition(lambda self: self.changes < BETWEEN)
    @rule(name=st.sampled_from(sorted(BREAKS)), door=st.sampled_from(DOORS), number=st.integers(0, THEME - 1))
    def failure(self, name: str, door: str, number: int) -> None:
        """Break something, build, and mend it, together with another edit."""
        self.do("fail", name, door, self.theme[number % len(self.theme)])

    @precondition(lambda self: self.changes < BETWEEN)
    @rule(
        door=st.sampled_from(DOORS),
        number=st.integers(0, THEME - 1),
        step=st.integers(0, 9),
        wait=st.integers(0, 30),
        undone=st.booleans(),
    )
    def disturbance(self, door: str, number: int, step: int, wait: int, undone: bool) -> None:
        """Edit while a step runs, and perhaps undo that while it still runs."""
        self.do("disturb", door, self.theme[number % len(self.theme)], step, wait, undone)

    @precondition(lambda self: self.changes < BETWEEN)
    @rule(
        door=st.sampled_from(DOORS),
        victim=st.sampled_from(list(WORDS)),
        step=st.integers(0, 9),
        wait=st.integers(0, 30),
    )
    def death(self, door: str, victim: str, step: int, wait: int) -> None:
        """Kill a part of a build."""
        self.do("kill", door, victim, step, wait)

    @precondition(lambda self: self.changes < BETWEEN)
    @rule(what=st.sampled_from(LOSSES))
    def loss(self, what: str) -> None:
        """Lose folders, or all records."""
        self.do("lose", what)

    @precondition(lambda self: self.changes < BETWEEN)
    @rule(pick=st.integers(0, 999), how=st.sampled_from(("delete", "cut", "flip", "flip in secret")))
    def damaged(self, pick: int, how: str) -> None:
        """Damage one file that a build made."""
        self.do("damage", pick, how)

    @precondition(lambda self: self.changes < BETWEEN)
    @rule(what=st.sampled_from((".snakemake", ".reprose", "results and data")), age=st.integers(0, 3))
    def memory(self, what: str, age: int) -> None:
        """Copy something from an earlier moment: what Snakemake or the engine remember, or the results of a clone."""
        self.do("recall", what, age)

    @precondition(lambda self: self.changes < BETWEEN)
    @rule(what=st.sampled_from(("sources", "results")))
    def touched(self, what: str) -> None:
        """Touch files."""
        self.do("touch", what)

    @precondition(lambda self: self.changes < BETWEEN)
    @rule(option=st.sampled_from(LOOKS))
    def looked(self, option: str) -> None:
        """Let Snakemake look, which changes nothing."""
        self.do("look", option)

    @precondition(lambda self: self.changes)
    @rule(door=st.sampled_from((FRONT, *DOORS)))
    def built(self, door: str) -> None:
        """Build."""
        self.do("build", door)

    def teardown(self) -> None:
        """End with a build."""
        try:
            if self.changes and not self.failed:
                self.do("build", FRONT)
        finally:
            self.workshop.seconds["histories"] += time.monotonic() - self.started
            for process in self.workshop.server.programs_in(self.project.folder):
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            shutil.rmtree(self.project.folder.parent, ignore_errors=True)

    def do(self, step: str, *arguments: object) -> None:
        """Take one step by its name; if it fails, print the history."""
        self.log.append((step, list(arguments)))
        self.changes = 0 if step == "build" else self.changes + 1
        if self.skipped:
            return None
        if Histories.fault:
            return self.repeat(*Histories.fault)
        self.workshop.counts["histories"] += len(self.log) == 1
        self.workshop.counts[f"step {step}"] += 1
        print(f"{time.monotonic() - self.started:6.1f} s  {step} {', '.join(map(str, arguments))}", flush=True)
        try:
            STEPS_BY_NAME[step](self, *arguments)
        except BaseException as error:
            self.failed = True
            Histories.fault = len(self.log), error
            print(f"this history fails: {error}\nHISTORIES_REPLAY='{json.dumps(self.log)}'", flush=True)
            raise

    def repeat(self, place: int, error: BaseException) -> None:
        """Fail as before when the step at `place` comes, without doing anything."""
        if len(self.log) == place:
            self.failed = True
            raise error

    def toggle(self, name: str) -> None:
        """Make the edit `name`, or undo it."""
        self.state ^= {name}
        self.workshop.sources.write(self.project, self.state)

    def fail(self, name: str, door: str, other: str) -> None:
        """Build with something broken, then mend it and toggle another edit."""
        self.toggle(f"broken {name}")
        code, text = self.finish(self.start(door))
        self.toggle(f"broken {name}")
        self.toggle(other)
        assert code > 0, f"a build with a broken {name} ended with {code}\n{text}"

    def disturb(self, door: str, name: str, step: int, wait: int, undone: bool) -> None:
        """Toggle an edit while the step of this number runs, and if `undone`, once more before it ends."""
        build = self.start(door)
        self.await_step(build, step)
        time.sleep(wait / 100)
        with self.stopped():
            self.toggle(name)
        if undone:
            time.sleep(wait / 100)
            with self.stopped():
                self.toggle(name)
        self.finish(build)

    def kill(self, door: str, victim: str, step: int, wait: int) -> None:
        """Kill a part of a build while the step of this number runs, if there are so many; or a training."""
        build = self.start(door)
        if victim == TRAINING:
            self.await_checkpoint(build)
        else:
            self.await_step(build, step)
            time.sleep(wait / 100)
        words = {
            TRAINING: f"{STEP}train ",
            "step": STEP,
            "snakemake": "-m snakemake ",
            "front door": "-m reprose build ",
        }
        found = self.workshop.server.programs_in(self.project.folder, words.get(victim, ""))
        found = found if victim == "everything" else found[:1]
        for process in found:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self.workshop.counts["kills that hit"] += bool(found)
        _, text = self.finish(build)
        assert "Traceback" not in text, text

    def lose(self, what: str) -> None:
        """Delete a folder, everything set aside, or all records."""
        patterns = {".stale": "results/**/.stale", "records": "results/**/*provenance.json"}
        for path in list(self.project.folder.glob(patterns.get(what, what))):
            remove(path)

    def damage(self, pick: int, how: str) -> None:
        """Delete or change one file."""
        made = sorted(self.project.made())
        if not made:
            return
        path = self.project.folder / made[pick % len(made)]
        print(f"          {path.relative_to(self.project.folder)}", flush=True)
        body, status = path.read_bytes(), path.stat()
        if how == "delete":
            path.unlink()
        elif how == "cut" or not body:
            path.write_bytes(body[: len(body) // 2] or b"?")
        else:
            with open(path, "r+b") as file:  # in place
                file.seek(len(body) // 2)
                file.write(bytes([body[len(body) // 2] ^ 1]))
            if how == "flip in secret":
                os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    def recall(self, what: str, age: int) -> None:
        """Put what an earlier build left in place of what is there."""
        _, folder = self.elder[-1 - age % len(self.elder)]
        for name in ("results", "data") if what == "results and data" else (what,):
            remove(self.project.folder / name)
            if (folder / name).exists():
                shutil.copytree(folder / name, self.project.folder / name, copy_function=shutil.copyfile)

    def touch(self, what: str) -> None:
        """Let files look new."""
        for name in {"sources": ("scripts", "report", "workflow"), "results": ("results", "data")}[what]:
            for path in (self.project.folder / name).rglob("*"):
                os.utime(path)

    def look(self, option: str) -> None:
        """Let Snakemake look; nothing that a build made or remembers is changed by that."""
        before = self.snapshot()
        self.project.snakemake(option, check=False)
        after = self.snapshot()
        moved = sorted(str(path) for path in before.keys() | after.keys() if before.get(path) != after.get(path))
        assert not moved, f"{option} changed {moved}"

    def build(self, door: str) -> None:
        """Build, and compare."""
        if door == BARE:
            with self.workshop.timed("bare builds"):
                self.project.snakemake()
        else:
            with self.workshop.timed("plans"):
                foreseen = self.foretell()
            hand = at_hand(self.project)
            with self.workshop.timed("front door builds"):
                built = self.project.build()
            self.check_foretold(built, *foreseen)
            self.check_needed(built, hand)
        self.check_bytes()
        self.keep()

    def foretell(self) -> tuple[set[str], set[str]]:
        """Return the jobs that `plan` says will run, and those that may; it changes nothing."""
        before = self.snapshot()
        said = self.project.run([self.project.python, "-c", FORETELL])
        assert self.snapshot() == before, "plan changed files"
        must, may = json.loads(said.text.strip().splitlines()[-1])
        return set(must), set(may)

    def check_foretold(self, built: Build, must: set[str], may: set[str]) -> None:
        """What must run ran, and what ran was foretold."""
        ran = {record_of(name) for name in built.ran}
        assert must <= ran, f"foretold, but did not run: {sorted(must - ran)}\n{built.text}"
        assert ran <= must | may, f"ran, but was not foretold: {sorted(ran - must - may)}\n{built.text}"

    def check_needed(self, built: Build, hand: dict[str, set[str]]) -> None:
        """No job ran whose result, from the same key and inputs, was at hand.

        One run of Snakemake brings raw data and views, a variant, or sections and handouts up to date; there, what
        follows a job that ran is not spared.
        """
        ran = {name: json.loads(self.project.read(name)) for name in map(record_of, built.ran)}
        made = {path: found["key"]["rule"] for found in ran.values() for path in found["outputs"]}
        for name, found in ran.items():
            follows = FOLLOWS.get(found["key"]["rule"]) in {made.get(path) for path in found["inputs"]}
            assert follows or identity(found) not in hand.get(name, ()), f"ran in vain: {name}\n{built.text}"

    def check_bytes(self) -> None:
        """What a clean build makes is there, byte for byte."""
        expected, found = self.workshop.clean(self.state), self.project.made()
        wrong = [name for name in sorted(expected) if found.get(name) != expected[name]]
        assert not wrong, f"not what a clean build of {sorted(self.state)} makes: {wrong}"

    def keep(self) -> None:
        """Keep a copy of what a build left, for `recall`."""
        folder = Path(tempfile.mkdtemp(dir=self.project.folder.parent))
        for name in ("results", "data", ".snakemake", ".reprose"):
            if (self.project.folder / name).exists():
                shutil.copytree(self.project.folder / name, folder / name)
        self.elder.append((str(sorted(self.state)), folder))

    def start(self, door: str) -> subprocess.Popen:
        """Start a build, and return without waiting."""
        return self.project.start() if door == FRONT else self.project.start_snakemake()

    def finish(self, build: subprocess.Popen) -> tuple[int, str]:
        """Wait until a build and all that it left running have ended; return its exit status and what it said."""
        text, _ = build.communicate(timeout=HANGS)
        while self.workshop.server.programs_in(self.project.folder):
            time.sleep(0.02)
        return build.returncode, text

    def await_step(self, build: subprocess.Popen, number: int) -> None:
        """Wait until the step of this number, from 0, has started in this build, or the build has ended."""
        seen: set[int] = set()
        while build.poll() is None and len(seen) <= number:
            seen.update(self.workshop.server.programs_in(self.project.folder, STEP))
            time.sleep(0.005)

    def await_checkpoint(self, build: subprocess.Popen) -> None:
        """Wait until a training of this build has kept a state, or the build has ended."""
        started = time.time()
        while build.poll() is None:
            with suppress(FileNotFoundError):  # also of a folder that goes while it is searched
                states = self.project.folder.glob(f"{CHECKPOINTS}/**/state*")
                if any(path.stat().st_mtime > started for path in states):
                    return
            time.sleep(0.005)

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Stop the steps that run meanwhile."""
        found = self.workshop.server.programs_in(self.project.folder, STEP)
        for number in (signal.SIGSTOP, None, signal.SIGCONT):
            if number is None:
                yield
                continue
            for process in found:
                with suppress(ProcessLookupError):
                    os.kill(process, number)

    def snapshot(self) -> dict[Path, int]:
        """Return every file of the project with the time when it last changed; Snakemake logs that it looked."""
        files = [path for path in self.project.folder.rglob("*") if not {".snakemake", "__pycache__"} & {*path.parts}]
        return {path: path.stat().st_mtime_ns for path in files if not path.is_dir()}


STEPS_BY_NAME: dict[str, Callable[..., None]] = {
    name: getattr(Histories, name)
    for name in ("toggle", "fail", "disturb", "kill", "lose", "damage", "recall", "touch", "look", "build")
}


def record_of(run: str) -> str:
    """Return the record of a job whose record of its last run is `run`."""
    return run.removesuffix("run.json") + "provenance.json"


def identity(found: dict) -> str:
    """Return what the job of a record was made from: its key and the digests of its inputs."""
    return json.dumps([found["key"], found["inputs"]], sort_keys=True)


def at_hand(project: Project) -> dict[str, set[str]]:
    """Return for the record of each job, in place or set aside, what its whole outputs were made from."""
    hand: dict[str, set[str]] = {}
    for top in ("data", "results"):
        for record in project.folder.glob(f"{top}/**/*provenance.json"):
            with suppress(ValueError, KeyError, OSError):
                if is_whole(project.folder, record):
                    parts = record.relative_to(project.folder).parts
                    place = parts[: parts.index(".stale")] if ".stale" in parts else parts[:-1]
                    made = identity(json.loads(record.read_text()))
                    hand.setdefault("/".join([*place, record.name]), set()).add(made)
    return hand


def is_whole(folder: Path, record: Path) -> bool:
    """Return whether all outputs of a record have the bytes that it says, in their place or beside the record."""
    outputs = json.loads(record.read_text())["outputs"]
    return all(
        digest in (sha256(folder / path), sha256(record.parent / Path(path).name)) for path, digest in outputs.items()
    )


def sha256(path: Path) -> str:
    """Return the digest of a file; "" where there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def remove(path: Path) -> None:
    """Delete a file, a folder or nothing."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def themes(count: int, number: int) -> list[list[str]]:
    """Return so many themes, drawn without repetition as long as there are edits."""
    drawn, found = random.Random(number), []
    pool: list[str] = []
    while len(found) < count:
        if len(pool) < THEME:
            rest = sorted(set(EDITS) - set(pool))
            pool += drawn.sample(rest, len(rest))
        found.append(pool[:THEME])
        del pool[:THEME]
    return found


def fails(log: list) -> bool:
    """Return whether taking the steps of `log` fails."""
    Histories.fault = None
    history = Histories()
    try:
        for name, arguments in log:
            history.do(name, *arguments)
        history.teardown()
    except Exception:
        traceback.print_exc(file=sys.stdout)
        with suppress(Exception):
            history.teardown()
    return history.failed


def shorten(log: list, tries: int) -> list:
    """Return a shorter log that fails, too, after at most so many tries."""
    for place in reversed(range(max(0, len(log) - tries), len(log))):
        shorter = log[:place] + log[place + 1 :]
        if fails(shorter):
            log = shorter
    return log


def explore(count: int, number: int, all_of_them: bool) -> bool:
    """Try so many random histories; return whether one failed, at once unless all of them are wanted.

    Of every ten that it is asked for, Hypothesis makes one simple: hence fewer at a time.
    """
    Histories.themes = themes(max(1, count // SHARE), number)
    counts = Histories.workshop.counts
    failed = False
    for batch in itertools.count():
        if counts["histories"] >= count or (failed and not all_of_them):
            return failed
        failed |= one_failed(AT_A_TIME, 1000 * number + AT_A_TIME * batch)


def one_failed(count: int, number: int) -> bool:
    """Try so many random histories until one fails; return whether one did."""
    Histories.fault = None
    options = settings(
        max_examples=count + 1,  # one is skipped
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # to shorten a history that fails would take an hour; see `shorten`
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    try:
        run_state_machine_as_test(seed(number)(Histories), settings=options)
    except Exception:
        traceback.print_exc(file=sys.stdout)
        return True
    return False


def main() -> None:
    """Try random histories, or repeat one; exit with 1 if any fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10, help="how many histories to try")
    parser.add_argument("--seed", type=int, default=1, help="which")
    parser.add_argument("--all", action="store_true", help="go on with others after a failure")
    parser.add_argument("--shared", type=Path, help="folder for what several processes share")
    parser.add_argument("--replay", help="the steps of one history, as printed when it failed")
    parser.add_argument("--shorten", type=int, default=0, help="how often to try to shorten it")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="histories-") as name, Server(Path(name) / "server") as server:
        shared = arguments.shared or Path(name) / "shared"
        shared.mkdir(parents=True, exist_ok=True)
        Histories.workshop = workshop = Workshop(server, Path(name), shared)
        workshop.built()
        started = time.monotonic()
        if arguments.replay:
            log = json.loads(arguments.replay)
            failed = fails(log)
            if failed and arguments.shorten:
                print(f"shortest: {json.dumps(shorten(log, arguments.shorten))}")
        else:
            workshop.wanted = arguments.count
            failed = explore(arguments.count, arguments.seed, arguments.all)
        took = {what: f"{seconds:.0f} s" for what, seconds in workshop.seconds.items()}
        told = f"{'failed' if failed else 'passed'} in {time.monotonic() - started:.0f} s"
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{told}, {used.ru_utime + used.ru_stime:.0f} s of processors: {dict(workshop.counts)}, {took}")
    sys.exit(failed)


if __name__ == "__main__":
    main()
