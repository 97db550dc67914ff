"""What `make plan` foretells, beside what the next build then runs."""

import re
import shutil
import sys

import pytest

from workflow.test_staleness import MODEL, PLAIN

CONFIG, DATA = "config.yaml", "scripts/datasets/line.py"
PROGRAM = """
import json, os
from pathlib import Path
from reprose import config, entrance
from reprose.outlook import Outlook
outlook = Outlook(entrance.jobs(config.load(Path("config.yaml")), Path.cwd())["sample"])
print(json.dumps([[job.provenance.replace("provenance.json", "run.json") for job in jobs]
                  for jobs in (outlook.must, outlook.may)]))
"""


def state(project):
    """Return every file of the project with the time when it last changed."""
    return {path: path.stat().st_mtime_ns for path in project.folder.rglob("*") if path.is_file()}


def plan(project):
    """Return what `make plan` prints; it changes no file."""
    before = state(project)
    text = project.run([sys.executable, "-m", "reprose.planning"]).text
    assert state(project) == before
    assert max(map(len, text.splitlines())) <= 100
    return text


def foretold(project):
    """Return the run records of the jobs that must run, and of those that may."""
    said = project.run([sys.executable, "-c", PROGRAM]).text
    must, may = eval(said.strip().splitlines()[-1])
    return set(must), set(may)


def of_rule(records):
    """Return how many run records there are of each rule, as Snakemake counts jobs."""
    ends = {"figures": "plot", "numbers": "summarize", "section": "write", "test": "evaluate", "handouts": "typeset"}
    counts = {}
    for record in records:
        parts = record.split("/")
        rule = "fetch" if parts[0] == "data" else "prepare" if parts[2] == "views" else ends.get(parts[-2])
        rule = rule or {5: "choose", 6: "train"}[len(parts)]
        counts[rule] = counts.get(rule, 0) + 1
    return counts


EDITS = {
    "nothing": lambda toy: None,
    "a figure": lambda toy: toy.edit("scripts/problems/toy/figures.py", "figsize=(3, 2)", "figsize=(4, 2)"),
    "a training function": lambda toy: toy.edit(MODEL, "2 * np.mean(error)", "3 * np.mean(error)"),
    "a hyperparameter": lambda toy: toy.edit(CONFIG, "epochs: 20", "epochs: 21"),
    "a block of seeds more": lambda toy: toy.edit(CONFIG, "[3, 3]]}", "[3, 3], [4, 4]]}"),
    "a value of the data maker": lambda toy: toy.edit(CONFIG, "rows: 60", "rows: 90"),
    "a split that gives equal bytes": lambda toy: toy.edit(DATA, 'len(table["x"]) // 3', 'len(table["y"]) // 3'),
    "a grid": lambda toy: toy.edit(CONFIG, "decay: [0.01, 0.1]", "decay: [0.5, 0.4]"),
    "a sentence": lambda toy: toy.edit("report/problems/toy.tex.j2", "test error of", "test error that is"),
    "a truncated file": lambda toy: (toy.folder / PLAIN / "first_1_2/histories.npz").write_bytes(b"PK"),
    "a hand-edited winner": lambda toy: toy.edit("results/sample/toy/ridge/winner.json", "0", "1"),
    "a deleted record": lambda toy: (toy.folder / PLAIN / "provenance.json").unlink(),
    "a deleted figure": lambda toy: (toy.folder / "results/sample/toy/figures/curves.pdf").unlink(),
    "a lost .snakemake": lambda toy: shutil.rmtree(toy.folder / ".snakemake"),
    "a rule's command": lambda toy: toy.edit("workflow/rules/train.smk", "2>&1 | tee", "2>&1 |  tee"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_what_must_run_runs_and_nothing_runs_that_was_not_foretold(toy, edit):
    EDITS[edit](toy)
    must, may = foretold(toy)
    built = toy.build()
    assert must <= built.ran <= must | may
    announced = re.search("^to do: (.*) \\(at most\\)$", built.text, re.M)
    counts = {rule: int(n) for n, rule in re.findall(r"(\d+) (\w+)", announced[1])} if announced else {}
    assert counts == of_rule(must | may)
    assert foretold(toy) == (set(), set())
