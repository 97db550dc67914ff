"""What `reprose plan` says that the next build will run, beside what the next build then runs."""

import json
import re
import shutil
import sys

from workflow.test_staleness import MODEL, PLAIN

CONFIG, DATA = "config.yaml", "scripts/datasets/line.py"
PROGRAM = """
import json, sys
from pathlib import Path
sys.path.insert(0, str(Path.cwd()))
from reprose.commands.snakefile import load_jobs
from reprose.config import reading
from reprose.jobs.assessment import Assessment
from reprose.jobs.digests import Digests
jobs = load_jobs(reading.load(Path("config.yaml")), Path.cwd())["sample"]
found = Assessment(jobs, Digests(Path(".reprose/digests.json")))
print(json.dumps([[job.run_record for job in listed] for listed in (found.must, found.may)]))
"""


def state(project):
    """Return every file of the project with the time when it last changed."""
    files = [path for path in project.folder.rglob("*") if "__pycache__" not in path.parts]
    return {path: path.stat().st_mtime_ns for path in files}


def plan(project):
    """Return what the plan says; it changes no file, also none of Snakemake's or the engine's."""
    before = state(project)
    text = project.run(project.reprose("plan")).text
    assert state(project) == before
    assert max(map(len, text.splitlines())) <= 100
    return text


def foretold(project):
    """Return the run records of the jobs that must run, and of those that may."""
    said = project.run([sys.executable, "-c", PROGRAM]).text
    must, may = json.loads(said.strip().splitlines()[-1])
    return set(must), set(may)


def of_rule(records):
    """Return how many run records there are of each rule."""
    ends = {"figures": "plot", "numbers": "summarize", "section": "write", "test": "evaluate", "handouts": "typeset"}
    counts = {}
    for record in records:
        parts = record.split("/")
        rule = "fetch" if parts[0] == "data" else "prepare" if parts[2] == "views" else ends.get(parts[-2])
        rule = rule or {5: "choose", 6: "train"}[len(parts)]
        counts[rule] = counts.get(rule, 0) + 1
    return counts


def check(project, *expected):
    """Compare what is foretold with what runs; `expected` words are in the plan, its numbers in the build's words."""
    text = plan(project)
    assert [word for word in expected if word not in text] == []
    must, may = foretold(project)
    built = project.build()
    assert must <= built.ran <= must | may, text
    said = re.search(r"^to do: (\d+) jobs?(?:, and perhaps (\d+) more)?", built.text, re.M)
    counted = [int(number or 0) for number in said.groups()] if said else [0, 0]
    assert counted == [len(must), len(may)], built.text
    return must, may


def test_what_must_run_runs_and_nothing_runs_that_was_not_foretold(toy):
    toy.edit("scripts/problems/toy/figures.py", "figsize=(3, 2)", "figsize=(4, 2)")
    toy.edit("report/problems/toy.tex.j2", "test error of", "test error that is")
    must, may = check(toy, "toy/plot", "problems.toy.figures:draw changed", "report/problems/toy.tex.j2 changed")
    assert of_rule(must) == {"plot": 1, "write": 1, "typeset": 1}
    assert may == set()
    toy.edit(DATA, 'len(table["x"]) // 3', 'len(table["y"]) // 3')  # writes equal bytes
    must, may = check(toy, "views/thirds/prepare", "datasets.line:thirds changed", "may run", "4 train")
    assert "train" not in of_rule(must)
    toy.edit(MODEL, "2 * np.mean(error)", "3 * np.mean(error)")
    toy.edit(CONFIG, "grid: {decay: [0.01, 0.1]}, seeds: [[1, 3]]", "grid: {decay: [0.5]}, seeds: [[1, 3], [4, 4]]")
    check(toy, "trials: now with decay=0.5", "never built", "problems.toy.model:gradient changed")
    assert "nothing to do" in plan(toy)
    (toy.folder / "report/handouts/toy.tex.j2").rename(toy.folder / "report/handouts/renamed.tex.j2")
    assert "left over, as nothing makes it any more: handouts/toy/typeset" in plan(toy)


def test_damage_is_foretold_as_the_audit_will_find_it(toy):
    (toy.folder / PLAIN / "first_1_2/histories.npz").write_bytes(b"PK")
    toy.edit("results/sample/toy/ridge/winner.json", "0", "1")
    (toy.folder / PLAIN / "test/provenance.json").unlink()
    (toy.folder / "results/sample/toy/figures/curves.pdf").unlink()
    must, _ = check(
        toy, "histories.npz is not what the job wrote", "curves.pdf is missing", "toy/plain/evaluate", "winner.json"
    )
    assert of_rule(must) == {"train": 1, "choose": 1, "evaluate": 1, "plot": 1}


def test_what_snakemake_alone_knows_is_no_reason_to_run(toy):
    toy.edit("workflow/rules/models.smk", "python -m reprose.steps evaluate", "python  -m reprose.steps evaluate")
    assert check(toy) == (set(), set())
    shutil.rmtree(toy.folder / ".snakemake")
    assert check(toy) == (set(), set())


def test_an_edit_that_was_undone_brings_results_back_and_runs_nothing(toy):
    toy.edit(MODEL, "2 * np.mean(error)", "undefined_name * np.mean(error)")
    assert toy.build(check=False).code == 1
    assert "problems.toy.model:gradient changed" in plan(toy)
    toy.edit(MODEL, "undefined_name * np.mean(error)", "2 * np.mean(error)")
    assert "have their results back" in plan(toy)
    assert foretold(toy)[0] == set()
    assert toy.build().ran == set()


def test_a_time_is_foretold_once_two_builds_of_its_size_are_known_and_a_broken_history_is_survived(toy):
    sizes = ["(3, 2)", "(4, 2)", "(5, 2)", "(6, 2)"]
    history = toy.folder / ".reprose/history.json"
    history.unlink()
    toy.build()  # nothing to do, so nothing is learned
    assert not history.exists()
    for old, new in zip(sizes, sizes[1:], strict=False):
        toy.edit("scripts/problems/toy/figures.py", f"figsize={old}", f"figsize={new}")
        assert "expected" not in plan(toy)
        said = toy.build().text
        assert re.search(r"^to do: \d+ jobs?[^;]*$", said, re.M)
    known = json.loads(history.read_text())["sample"]
    assert len(known["builds"]) == 2  # before the first, nothing like these jobs had run
    history.write_text(json.dumps({"sample": {**known, "builds": [[30.0, 33.0], [30.0, 30.0]]}}))
    toy.edit("scripts/problems/toy/figures.py", "figsize=(6, 2)", "figsize=(7, 2)")
    assert re.search(r"expected on \d+ cores: \d", plan(toy))
    history.unlink()
    history.mkdir()
    assert "history: " in toy.build().text
