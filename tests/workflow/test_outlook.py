"""What `make plan` foretells, beside what the next build then runs."""

import re
import shutil
import sys

from workflow.test_staleness import MODEL, PLAIN

CONFIG, DATA = "config.yaml", "scripts/datasets/line.py"
PROGRAM = """
import json, os
from pathlib import Path
from reprose import config, entrance
from reprose.foresight.outlook import Outlook
outlook = Outlook(entrance.jobs(config.load(Path("config.yaml")), Path.cwd())["sample"])
print(json.dumps([[job.provenance.replace("provenance.json", "run.json") for job in jobs]
                  for jobs in (outlook.must, outlook.may)]))
"""


def state(project):
    """Return every file of the project with the time when it last changed; Snakemake logs that it looked."""
    files = [path for path in project.folder.rglob("*") if not {".snakemake", "__pycache__"} & {*path.parts}]
    return {path: path.stat().st_mtime_ns for path in files}


def plan(project):
    """Return what `make plan` prints; it changes no file."""
    before = state(project)
    text = project.run([sys.executable, "-m", "reprose.foresight.planning"]).text
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


def check(project, *expected):
    """Compare what is foretold with what Snakemake then plans and what runs; `expected` words are in the plan."""
    text = plan(project)
    assert [word for word in expected if word not in text] == []
    must, may = foretold(project)
    built = project.build()
    assert must <= built.ran <= must | may, text
    announced = re.search("^to do: (.*) \\(at most\\)$", built.text, re.M)
    counts = {rule: int(n) for n, rule in re.findall(r"(\d+) (\w+)", announced[1])} if announced else {}
    assert counts == of_rule(must | may), text
    return must, may


def test_what_must_run_runs_and_nothing_runs_that_was_not_foretold(toy):
    toy.edit("scripts/problems/toy/figures.py", "figsize=(3, 2)", "figsize=(4, 2)")
    toy.edit("report/problems/toy.tex.j2", "test error of", "test error that is")
    must, may = check(toy, "toy/plot", "problems.toy.figures:draw changed", "report/problems/toy.tex.j2 changed")
    assert of_rule(must) == {"plot": 1, "write": 1, "typeset": 1}
    assert may == set()
    toy.edit(DATA, 'len(table["x"]) // 3', 'len(table["y"]) // 3')  # writes equal bytes
    must, may = check(toy, "views/thirds/prepare", "datasets.line:thirds changed", "may run", "4 train")
    assert of_rule(must) == {"prepare": 1, "typeset": 1}
    toy.edit(MODEL, "2 * np.mean(error)", "3 * np.mean(error)")
    toy.edit(CONFIG, "grid: {decay: [0.01, 0.1]}, seeds: [[1, 3]]", "grid: {decay: [0.5]}, seeds: [[1, 3], [4, 4]]")
    check(toy, "trials: now with decay=0.5", "never built", "problems.toy.model:gradient changed", "batches: now with")
    assert "nothing to do" in plan(toy)


def test_damage_is_foretold_as_the_audit_will_find_it(toy):
    (toy.folder / PLAIN / "first_1_2/histories.npz").write_bytes(b"PK")
    toy.edit("results/sample/toy/ridge/winner.json", "0", "1")
    (toy.folder / PLAIN / "test/provenance.json").unlink()
    (toy.folder / "results/sample/toy/figures/curves.pdf").unlink()
    must, _ = check(
        toy, "histories.npz is not what the job wrote", "curves.pdf is missing", "toy/plain/evaluate", "winner.json"
    )
    assert of_rule(must) == {"train": 1, "choose": 1, "evaluate": 1, "plot": 1}


def test_what_snakemake_alone_knows_is_asked_of_it(toy):
    toy.edit("workflow/rules/train.smk", "scripts/evaluate.py", "./scripts/evaluate.py")
    must, _ = check(toy, "Snakemake: Code has changed")
    assert of_rule(must) == {"evaluate": 3}
    shutil.rmtree(toy.folder / ".snakemake")  # then times alone tell it what is newer, also what has equal bytes
    check(toy)


def test_an_edit_that_was_undone_brings_results_back_and_runs_nothing(toy):
    toy.edit(MODEL, "2 * np.mean(error)", "undefined_name * np.mean(error)")
    assert toy.build(check=False).code == 1
    assert "problems.toy.model:gradient changed" in plan(toy)
    toy.edit(MODEL, "undefined_name * np.mean(error)", "2 * np.mean(error)")
    assert "have their results back" in plan(toy)
    assert toy.build().ran == foretold(toy)[0] == set()


def test_a_build_tells_how_far_off_its_forecast_was_and_survives_a_broken_history(toy):
    shutil.rmtree(toy.folder / ".reprose")  # the run records are still there
    toy.edit("scripts/problems/toy/figures.py", "figsize=(3, 2)", "figsize=(4, 2)")
    said = toy.build().text
    assert re.search(r"^expected: .*\d s .* GB for the largest job", said, re.M)
    assert re.search(
        r"^predicted \d+ s for the 3 jobs that ran, took \d+ s \([+-]\d+ %\); predicted [\d.]+ GB", said, re.M
    )
    history = toy.folder / ".reprose/history.json"
    known = history.read_text()
    history.unlink()
    history.mkdir()
    toy.edit("scripts/problems/toy/figures.py", "figsize=(4, 2)", "figsize=(3, 2)")
    assert "no forecast: " in toy.build().text
    history.rmdir()
    history.write_text(known)
    shutil.rmtree(toy.folder / "results")
    assert re.search("16 jobs that will run: \\d+ s", plan(toy))  # what the jobs took outlives their results
