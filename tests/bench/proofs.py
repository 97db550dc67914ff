"""What it costs that each step proves what it used: its own loader, the note of opened files, the check at the end.

The same jobs of the toy project run with and without a witness, in turns; the difference is set beside what the jobs of
a sample build take together (of this project if it is built here, else of the toy).
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from workflow.project import ROOT, Project, make_toy

ROUNDS = 15
BARE = """
import importlib, json, os, sys
description = json.load(open(sys.argv[2]))
class Nothing:
    job, sources, definitions, opened, first, here = "bench", {}, {}, set(), set(), os.getcwd()
    folders = staticmethod(lambda packages: [])
importlib.import_module(f"reprose.steps.{sys.argv[1]}").main(description["key"], Nothing())
"""


def main() -> None:
    """Print the seconds per step with and without proofs, and their share of a sample build."""
    with tempfile.TemporaryDirectory() as folder:
        project = make_toy(Path(folder) / "project")
        project.build()
        extra = {rule: overhead(project, rule) for rule in ("choose", "evaluate", "train")}
        records = ROOT if list(ROOT.glob("results/sample/**/*run.json")) else project.folder
        share(statistics.fmean(extra.values()), records)


def overhead(project: Project, rule: str) -> float:
    """Return the seconds that the proofs add to one job of `rule`, the median of differences taken side by side."""
    found = [path for path in project.folder.glob(".reprose/jobs/*.json") if key_of(path)["rule"] == rule]
    job = sorted(found)[0]
    with_proofs, without = [], []
    for _ in range(ROUNDS):
        without.append(seconds(project, [sys.executable, "-c", BARE, rule, str(job)]))
        with_proofs.append(seconds(project, [sys.executable, "-m", "reprose.steps", rule, str(job)]))
    difference = statistics.median(a - b for a, b in zip(with_proofs, without, strict=True))
    print(
        f"{rule:9}: {statistics.median(with_proofs):.3f} s with proofs, {statistics.median(without):.3f} s without,"
        f" difference {1000 * difference:+.0f} ms"
    )
    return difference


def key_of(path: Path) -> dict:
    """Return the key in the description of a job."""
    return json.loads(path.read_text())["key"]


def seconds(project: Project, command: list[str]) -> float:
    """Return how long a command takes."""
    environment = {**project.environment(), "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    environment = {name: value for name, value in environment.items() if name != "PYTHONPATH"}
    started = time.monotonic()
    subprocess.run(command, cwd=project.folder, env=environment, check=True, capture_output=True)
    return time.monotonic() - started


def share(extra: float, folder: Path) -> None:
    """Print the share of the proofs in the work of the sample build that lies in a folder."""
    runs = [json.loads(path.read_text()) for path in folder.glob("results/sample/**/*run.json")]
    work = sum(run["seconds"] for run in runs)
    print(
        f"a sample build of {len(runs)} jobs ({'this project' if folder == ROOT else 'the toy'}) works {work:.0f} s;"
        f" proofs take {len(runs) * extra:.1f} s of it, {100 * len(runs) * extra / work:.1f} %"
    )


if __name__ == "__main__":
    main()
