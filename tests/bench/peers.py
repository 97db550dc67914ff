"""The same made-up jobs run by Reprose, plain Snakemake, DVC, doit and make: jobs that run, and seconds.

Run as `PYTHONPATH=.:tests python tests/bench/peers.py [trainings] [tool ...]`: 16 trainings by default, which takes
some minutes on two cores; 160, with all that belongs to them 273 jobs, are a report of the usual size. The tools are
installed into an environment of their own in the system's temporary folder, which is kept. All run the same functions
(tests/bench/dag/), and for all but Reprose a job is one call of a Python script that lists, as a careful person does,
its script and the module that this imports among its inputs. After each event, each tool brings the page up to date on
two cores (DVC runs one job at a time); the page of Reprose is a PDF and a web page. "stale" means that what
the sections say did not change though it should have. The comment and the function stand in a module of one problem:
the function is called by its evaluations alone, and its neighbours by its trainings.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.dag import projects
from bench.dag.projects import Description
from workflow.processes import adopt_orphans, processor_seconds
from workflow.project import Project

CORES = 2
PINNED = {"snakemake": "9.27.1", "dvc": "3.67.1", "doit": "0.37.0"}
ENVIRONMENT = Path(tempfile.gettempdir(), f"reprose-peers-{os.getuid()}")
PROGRAMS = ENVIRONMENT / "bin"
SENTENCE = "have these errors", "have the following errors"
COMMENT = "# the slope comes first", "# the offset comes last"
FUNCTION = "np.mean(np.abs(", "np.median(np.abs("
SECONDS = 3600  # after which a tool is taken to hang


@dataclass(frozen=True)
class Tool:
    """One tool: how its project is written and built, and where the parts that events edit lie."""

    name: str
    write: Callable[[Path, Description], None]
    command: list[str]
    model: str = "problems/p0/model.py"
    section: str = "problems/p0/section.tex"
    made: str = "out/p*/section.tex"

    def stamps(self, folder: Path) -> dict[Path, int]:
        """Return when each job last ran, by the file of it that tells."""
        if self.name == "reprose":
            found = [path for path in folder.glob("*/sample/**/*run.json") if ".stale" not in path.parts]
        else:
            description = projects.described(len(list(folder.glob("problems/*"))))
            found = [folder / job.outputs[0] for job in projects.jobs(description)]
        return {path: path.stat().st_mtime_ns for path in found if path.exists()}


TOOLS = [
    Tool(
        "reprose",
        projects.write_reprose,
        [sys.executable, "-m", "reprose", "build", "--tier", "sample", "--", "--cores", str(CORES)],
        model="scripts/problems/p0/model.py",
        section="report/problems/p0.tex.j2",
        made="results/sample/p*/section/section.tex",
    ),
    Tool("snakemake", projects.write_snakemake, [str(PROGRAMS / "snakemake"), "--cores", str(CORES), "--quiet", "all"]),
    Tool("dvc", projects.write_dvc, [str(PROGRAMS / "dvc"), "repro", "--quiet"]),
    Tool("doit", projects.write_doit, [str(PROGRAMS / "doit"), "-n", str(CORES)]),
    Tool("make", projects.write_make, ["make", "--silent", "-j", str(CORES)]),
]


@dataclass(frozen=True)
class Done:
    """What one build took and did."""

    wall: float  # seconds
    processor: float  # seconds, of all processes
    jobs: int
    is_stale: bool

    def __str__(self) -> str:
        """Return a cell of the table."""
        return f"{self.jobs:4}{' stale' if self.is_stale else ''} {self.wall:6.1f} ({self.processor:.1f})"


def main() -> None:
    """Let each tool meet all events, and print the table."""
    trainings, *names = [*sys.argv[1:], *(["16"] if len(sys.argv) == 1 else [])]
    install()
    adopt_orphans()  # steps are forked from a server, which ends with the build
    wanted = [tool for tool in TOOLS if not names or tool.name in names]
    tools = [tool for tool in wanted if shutil.which(tool.command[0])]
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    description = partial(projects.described, max(round(int(trainings) / projects.TRAININGS), 1))
    count = len(list(projects.jobs(description())))
    print(f"{count} jobs on {CORES} cores, load {os.getloadavg()[0]:.1f}: jobs that run, seconds (of processors)")
    table = {}
    for tool in tools:
        with tempfile.TemporaryDirectory() as folder:
            table[tool.name] = dict(met(tool, Path(folder, "project"), description))
    print(f"  {'':24}" + "".join(f"{name:>24}" for name in table))
    for event in next(iter(table.values())):
        print(f"  {event:24}" + "".join(f"{done[event]!s:>24}" for done in table.values()))
    print(f"load in the end {os.getloadavg()[0]:.1f}")


def install() -> None:
    """Install the peers, unless they are there in the versions that are wanted; without them, others are compared."""
    wanted = [f"{name}=={version}" for name, version in PINNED.items()]
    mark = ENVIRONMENT / "ready"
    if not (mark.exists() and mark.read_text() == " ".join(wanted)):
        print(f"installing {', '.join(wanted)} into {ENVIRONMENT}", file=sys.stderr, flush=True)
        venv.create(ENVIRONMENT, clear=True, with_pip=True)
        done = subprocess.run([PROGRAMS / "python", "-m", "pip", "install", "--quiet", *wanted], check=False)
        if done.returncode == 0:
            mark.write_text(" ".join(wanted))


def met(tool: Tool, folder: Path, description: Callable[..., Description]) -> Iterator[tuple[str, Done]]:
    """Yield what a tool does at each event."""
    folder.mkdir()
    if tool.name != "reprose":
        projects.write_peer(folder, description())
    tool.write(folder, description())
    if tool.name == "dvc":
        subprocess.run([tool.command[0], "init", "--no-scm", "--quiet"], cwd=folder, env=shell(folder), check=True)
    project = Project(folder)
    events: dict[str, tuple[Callable[[], object], bool]] = {  # what happens, and whether the page says it
        "from nothing": (lambda: None, True),
        "nothing changed": (lambda: None, False),
        "a comment changed": (partial(project.edit, tool.model, *COMMENT), False),
        "a function changed": (partial(project.edit, tool.model, *FUNCTION), True),
        "two values swapped": (lambda: tool.write(folder, description(swapped=True)), True),
        "a sentence changed": (partial(project.edit, tool.section, *SENTENCE), True),
    }
    for name, (happen, shows) in events.items():
        happen()
        done = built(tool, folder, shows)
        print(f"{tool.name}: {name}: {done}", file=sys.stderr, flush=True)
        yield name, done


def built(tool: Tool, folder: Path, shows: bool) -> Done:
    """Let a tool bring the page up to date; what it made must differ from before where the event `shows`."""
    stamps, said = tool.stamps(folder), pages(tool, folder)
    before, started = processor_seconds(), time.monotonic()
    done = subprocess.run(
        tool.command, cwd=folder, env=shell(folder), capture_output=True, text=True, timeout=SECONDS, check=False
    )
    wall = time.monotonic() - started
    processor = processor_seconds() - before
    assert done.returncode == 0, done.stdout + done.stderr
    ran = [path for path, when in tool.stamps(folder).items() if stamps.get(path) != when]
    differs = pages(tool, folder) != said
    assert differs <= shows, f"{tool.name} changed the page, though nothing did"
    return Done(wall, processor, len(ran), shows and not differs)


def pages(tool: Tool, folder: Path) -> list[str]:
    """Return what the sections say."""
    return [path.read_text() for path in sorted(folder.glob(tool.made))]


def shell(folder: Path) -> dict[str, str]:
    """Return the environment of a shell in which nothing is set for one tool or the other."""
    found = {name: value for name, value in os.environ.items() if not name.startswith(("REPROSE_", "PYTHON"))}
    found["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return found | {"DVC_NO_ANALYTICS": "1", "DVC_SITE_CACHE_DIR": str(folder / ".dvc/site")}


if __name__ == "__main__":
    main()
