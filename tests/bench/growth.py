"""How the cost of looking grows with the number of jobs: plan, a build with nothing to do, the audit, the screen.

Run as `PYTHONPATH=.:tests python tests/bench/growth.py [jobs ...]` (about 300 and 3000 by default, some two minutes;
30000 takes a quarter of an hour and 3 GB of disk). Ten problems are copies of the toy's, with as many variants as make
up the number; what their jobs leave is made up with valid records, so that nothing has to train. Each row is a process
of its own: its processor seconds and the most memory that it held. What the same costs with a dozen jobs is the start;
the exponent is of what comes on top of it, from the size before to this one: 1 is linear.
"""

import io
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from made_up_jobs import ran
from workflow.processes import adopt_orphans, processor_seconds
from workflow.project import Project, make_toy

SIZES = (300, 3000)
START = 12  # jobs of the project whose cost is taken as that of starting: one problem with one variant
PROBLEMS = 10
OF_A_VARIANT, OF_A_PROBLEM = 6, 3  # jobs: four trainings, choose, evaluate; plot, summarize, write
LIMIT = 1200  # seconds that one row may take
HERE = Path(__file__)
BLOCKS = {"first": {"grid": {"decay": [0.01, 0.1]}, "seeds": [[1, 1], [2, 2], [3, 3], [4, 4]]}}
EDIT = ("2 * np.mean(error)]", "3 * np.mean(error)]")  # in the model of a problem: all its trainings are stale
Cost = tuple[float, float]  # processor seconds, MB


def main() -> None:
    """Measure each size, and print a table with the growth from one size to the next."""
    adopt_orphans()
    sizes = [START, *map(int, sys.argv[1:] or SIZES)]
    costs = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            costs.append({})
            for row, cost in measured(size, Path(folder, "project")):
                costs[-1][row] = cost
                print(f"{size} jobs: {row}: {cost[0]:.2f} s, {cost[1]:.0f} MB", file=sys.stderr, flush=True)
    print(
        f"{'processor seconds (MB at most)':<32}" + "".join(f"{f'{size} jobs':>17}{'exponent':>10}" for size in sizes)
    )
    for row in costs[0]:
        print(f"  {row:<30}" + "".join(cells([cost.get(row) for cost in costs], sizes)), flush=True)


def cells(costs: list[Cost | None], sizes: list[int]) -> Iterator[str]:
    """Yield the cost and the exponent of one row at each size; a row that was not done in time has none."""
    for place, cost in enumerate(costs):
        yield f"{f'{cost[0]:.2f} ({cost[1]:.0f})' if cost else 'not in time':>17}"
        before = costs[place - 1] if place > 1 else None
        yield f"{growth(costs[0], before, cost, sizes[place] / sizes[place - 1]):>10}" if place else " " * 10


def growth(start: Cost | None, before: Cost | None, now: Cost | None, ratio: float) -> str:
    """Return the exponent of what grows, beyond the start; nothing where there is too little to tell."""
    if not (start and before and now) or min(before[0], now[0]) - start[0] < 0.02:
        return ""
    return f"{math.log((now[0] - start[0]) / (before[0] - start[0])) / math.log(ratio):.2f}"


def measured(size: int, folder: Path) -> Iterator[tuple[str, Cost]]:
    """Yield what each look costs at a project of about `size` jobs."""
    project = grown(folder, size)
    plan, build = project.reprose("plan", "--tier", "sample"), project.reprose("build", "--tier", "sample")
    yield from look(project, "plan, nothing built", plan)
    run(project, own("make"))
    yield from look(project, "build that follows", build)
    yield from look(project, "build, nothing to do", build)
    yield from look(project, "plan, nothing to do", plan)
    yield from parts(project, "audit")
    yield from look(project, "bare snakemake -n", [project.python, "-m", "snakemake", "-n", "--quiet", "all"])
    yield from parts(project, "screen")
    for model in folder.glob("scripts/problems/*/model.py"):
        project.edit(str(model.relative_to(folder)), *EDIT)
    yield from look(project, "plan, all trainings stale", plan)


def grown(folder: Path, size: int) -> Project:
    """Return the toy with so many variants that there are about `size` jobs."""
    project = make_toy(folder)
    names = [f"toy{number}" for number in range(PROBLEMS)] if size > START else ["toy0"]
    variants = max(round((size - OF_A_PROBLEM * (len(names) + 1)) / OF_A_VARIANT / len(names)), 1)
    config = yaml.safe_load((folder / "config.yaml").read_text())
    toy = config["problems"].pop("toy")
    toy["variants"] = {f"variant{number}": {"view": "thirds", "blocks": BLOCKS} for number in range(variants)}
    config["views"] = {"thirds": config["views"]["thirds"]}
    config["problems"] = dict.fromkeys(names, toy)
    (folder / "config.yaml").write_text(yaml.dump(config))
    for path in [*folder.glob("scripts/problems/toy/*.py"), folder / "report/problems/toy.tex.j2"]:
        for name in names:
            text = path.read_text().replace("problems.toy", f"problems.{name}").replace("plain.error", "variant0.error")
            copy = folder / str(path.relative_to(folder)).replace("problems/toy", f"problems/{name}")
            copy.parent.mkdir(exist_ok=True)
            copy.write_text(text)
        path.unlink()
    project.edit("report/handouts/toy.tex.j2", "sections: toy", f"sections: {', '.join(names)}")
    return project


def own(task: str) -> list[str]:
    """Return the command that does a task of this file in the folder of a project."""
    return [sys.executable, str(HERE.resolve()), "in the project", task]


def look(project: Project, name: str, command: list[str]) -> Iterator[tuple[str, Cost]]:
    """Yield what a command costs."""
    try:
        yield name, run(project, command)[1]
    except subprocess.TimeoutExpired:
        print(f"{name}: not done in {LIMIT} s", file=sys.stderr)


def parts(project: Project, task: str) -> Iterator[tuple[str, Cost]]:
    """Yield what each part of a task of this file costs, as that says itself; the memory is the whole process's."""
    said, (_, memory) = run(project, own(task))
    yield from ((name, (seconds, memory)) for name, seconds in json.loads(said.splitlines()[-1]).items())


def run(project: Project, command: list[str]) -> tuple[str, Cost]:
    """Run a command in a project and return what it prints, and its cost with that of all that it started."""
    environment = project.environment(PYTHONPATH=os.pathsep.join([str(project.folder), str(HERE.parents[1])]))
    before = processor_seconds()
    timed = ["timeout", str(LIMIT), sys.executable, "-c", WATCH, *command]  # its own memory is the least
    done = subprocess.run(timed, cwd=project.folder, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    seconds = processor_seconds() - before
    if done.returncode == 124:
        raise subprocess.TimeoutExpired(command, LIMIT)
    assert done.returncode == 0, command
    *said, memory = done.stdout.splitlines()
    return "\n".join(said), (seconds, int(memory) / 1e3)


WATCH = """
import resource, subprocess, sys
status = subprocess.run(sys.argv[1:]).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(status)
"""


def make() -> None:
    """Leave what all jobs would, with valid records, times of runs and what Snakemake remembers."""
    from reprose.commands.snakemake_internals import NO_SOFTWARE, RECORD_FORMAT, Memory

    memory, kept = Memory(), {"record_format_version": RECORD_FORMAT, "software_stack_hash": NO_SOFTWARE, "code": ""}
    for job in jobs_here().all:
        ran(job)
        said = {"definitions": job.code.definitions, "commit": "", "peak_memory_bytes": 1e8, "seconds": 1.0}
        Path(job.run_record).write_text(json.dumps(said))
        remembered = json.dumps({**kept, "params": [repr(job.digest)], "input": sorted(job.paths)})
        for path in job.outputs.values():
            record = memory.records / memory._name(path)
            record.parent.mkdir(parents=True, exist_ok=True)
            record.write_text(remembered)


def audit() -> None:
    """Do what a build does before Snakemake looks at any file, part by part."""
    from reprose.commands.snakemake_internals import Memory
    from reprose.jobs import locks
    from reprose.jobs.assessment import Assessment
    from reprose.jobs.audit import apply, bring_into_the_past
    from reprose.jobs.digests import Digests

    took: dict[str, float] = {}
    with noted(took, "  config.yaml to jobs"):
        jobs = jobs_here()
        every = jobs.all
    with noted(took, "  keys of the jobs"):
        for job in every:
            assert job.digest
    with noted(took, "  digests of files, cached"):
        digests = Digests(locks.FOLDER / "digests.json")
        bring_into_the_past(jobs, digests)
    with noted(took, "  records compared"):
        found = Assessment(jobs, digests)
    assert not found.must
    with noted(took, "  audit acts"):
        apply(found, remembering(Memory()))
        digests.save()
    print(json.dumps({"audit, all of it": sum(took.values()), **took}))


def remembering(memory):
    """Return what the audit asks, of what `make` has left."""

    class Remembering:
        def agrees(self, job):
            return all(memory.agrees(path, [job.digest], job.paths, "") for path in job.outputs.values())

        def forget(self, job):
            raise AssertionError(f"{job.name} is not as it was made up")

    return Remembering()


def screen() -> None:
    """Show a build of all jobs from Snakemake's made-up events, as plain lines and as a bar, and the time left."""
    from rich.console import Console

    from reprose.commands.forecast.eta import Eta
    from reprose.commands.forecast.job_costs import Cost, History
    from reprose.commands.invocation import Invocation
    from reprose.commands.screen.bar import Bar
    from reprose.commands.screen.lines import Lines
    from reprose.commands.screen.progress import Progress

    jobs, took = jobs_here(), {}
    names = [job.name for job in jobs.all]
    history = History("sample", {name: Cost(1.0, 1e8, 1) for name in names}, [(100.0, 90.0), (50.0, 60.0)])
    with noted(took, "screen: expectation"):
        eta = Eta(jobs, jobs.all, [], history, 2)

    def left(done, running):
        return f"{eta.left(done, running)} left"

    console = Console(file=io.StringIO(), force_terminal=True, width=100, height=40)
    for kind, shown in (("lines", Lines(Progress(names, left))), ("bar", Bar(Progress(names, left), console))):
        invocation = Invocation(shown, lambda line: None)
        with noted(took, f"screen: {kind}, all events"), quiet():
            for number, job in enumerate(jobs.all):
                for event in events(number, job):
                    invocation.note(event)
            shown.settle(names)
    bar = Bar(Progress(names), console)
    for number, name in enumerate(names[:50]):
        bar.started(name, time.time() - number)
    with noted(took, "screen: one picture"):
        console.print(bar)
    with noted(took, "screen: time left, once"):
        assert left(set(), bar.progress.running)
    print(json.dumps(took))


def events(number: int, job) -> Iterator[bytes]:
    """Yield what Snakemake's plugin tells of one job that runs and ends."""
    started = {"event": "started", "id": number, "rule": job.rule, "wildcards": dict(job.wildcards), "logs": [job.log]}
    for event in (started, {"event": "finished", "id": number}):
        yield json.dumps({"time": float(number), **event}).encode()


@contextmanager
def quiet() -> Iterator[None]:
    """Let nothing be printed."""
    screen, sys.stdout = sys.stdout, io.StringIO()
    try:
        yield
    finally:
        sys.stdout = screen


def jobs_here():
    """Return the jobs of the sample tier of the project in whose folder this runs."""
    from reprose.commands.snakefile import load_jobs
    from reprose.config import reading

    root = Path.cwd()
    return load_jobs(reading.load(root / "config.yaml"), root)["sample"]


@contextmanager
def noted(took: dict[str, float], name: str) -> Iterator[None]:
    """Note the processor seconds that the lines within take."""
    before = time.process_time()
    yield
    took[name] = time.process_time() - before


TASKS: dict[str, Callable[[], None]] = {"make": make, "audit": audit, "screen": screen}

if __name__ == "__main__":
    if sys.argv[1:2] == ["in the project"]:
        sys.path.insert(0, str(Path.cwd()))
        TASKS[sys.argv[2]]()
    else:
        main()
