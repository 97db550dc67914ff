import os
import subprocess
import venv
from pathlib import Path

import pytest
import yaml

from reprose.commands import new
from reprose.config.experiments import usual_tier

LINES = "  heat:\n    select: {metric: error}\n"
BLOCK = {"select": {"metric": "error"}}


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("a: 1\nproblems:\n  x: 1 # why\n", "a: 1\nproblems:\n  x: 1 # why\n" + LINES),
        ("problems:\n  x: 1\n\n# more\nz: 2\n", "problems:\n  x: 1\n" + LINES + "\n# more\nz: 2\n"),
        ("problems: # none\n", "problems: # none\n" + LINES),
        ("problems:\n  x: 1", "problems:\n  x: 1\n" + LINES),
        ("problems: {}\n", "problems:\n" + LINES),
        ("problems: { } # none yet\nz: 2\n", "problems: # none yet\n" + LINES + "z: 2\n"),
        ("problems: {x: 1}\n", None),
        ("a: 1\n", None),
        ("problems:\n    x: 1\n", None),
    ],
)
def test_a_problem_is_inserted_where_that_changes_nothing_else(text, made):
    assert new.inserted(text, LINES) == made
    if made:
        assert yaml.safe_load(made)["problems"]["heat"] == BLOCK


def test_a_problem_takes_the_view_that_there_is():
    table = yaml.safe_load(new.block("line", "heat", "houses"))
    assert {variant["view"] for variant in table["heat"]["variants"].values()} == {"houses"}
    assert yaml.safe_load(new.block("look", "heat", "houses")) == {"heat": {"views": ["houses"]}}


def test_the_starter_is_small():
    files = {**new.starter_files(), Path("Snakefile"): new.engine_file("Snakefile").read_text()}
    lines = [
        line for path, text in files.items() if path.suffix != ".csv" for line in text.splitlines() if line.strip()
    ]
    assert len(lines) < 150


def test_the_tests_of_a_project_say_how_to_get_what_they_need(tmp_path):
    venv.create(tmp_path / "env", with_pip=False)
    command = tmp_path / "env/bin/reprose"
    command.touch(mode=0o755)
    (tmp_path / "Makefile").write_text(new.starter_files()[Path("Makefile")])
    shell = {"PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(["make", "test"], cwd=tmp_path, env=shell, capture_output=True, text=True)
    assert done.returncode != 0
    assert f"make test needs pytest: {command.parent}/python -m pip install pytest" in done.stdout
    assert "No module named" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("datasets", "tier"),
    [
        ({"a": {"file": "a.csv"}}, "real"),
        ({"a": {"file": "a.csv", "sample": {}}}, "real"),
        ({"a": {"file": "a.csv", "sample": {"first": 9}}}, "sample"),
        ({"a": {"file": "a.csv"}, "b": {"sample": {"seed": 1}}}, "sample"),
        ({}, "sample"),
        (["a"], "sample"),
    ],
)
def test_without_sample_data_the_whole_data_are_meant(datasets, tier):
    assert usual_tier({"datasets": datasets}) == tier


def test_an_analysis_prints_what_the_engine_makes_of_its_view(tmp_path):
    (tmp_path / "config.yaml").write_text("views:\n  houses: {}\nproblems:\n  x: {views: [houses]}\n")
    assert new.KINDS["analysis"](tmp_path, "sight", "houses") == 0
    section = (tmp_path / "report/problems/sight.tex.j2").read_text()
    assert 'n("houses.train.rows")' in section and 'figure("houses_columns")' in section
    assert "points" not in section and 'mark("sight/plot")' in section
    assert yaml.safe_load((tmp_path / "config.yaml").read_text())["problems"]["sight"] == {"views": ["houses"]}


def test_a_new_handout_has_a_title_of_its_own(tmp_path, monkeypatch):
    (tmp_path / "config.yaml").write_text("problems: {line: {}}\n")
    (tmp_path / "Snakefile").touch()
    monkeypatch.chdir(tmp_path)
    new.KINDS["handout"](tmp_path, "second_look")
    text = (tmp_path / "report/handouts/second_look.tex.j2").read_text()
    assert r"\title{Second look}" in text
    assert "A first report" not in text
