"""What a step may read: what its key names, what it makes itself, and what belongs to the machine."""

import hashlib
import json
import os
import sys
from pathlib import Path

import pytest

from reprose.base.errors import ReproseError
from reprose.code.witness import Witness
from reprose.steps.frame import Step
from reprose.steps.opened import check_opened

CODE = "scripts/problems/toy/model.py"
FILES = {
    "report/style/figures.mplstyle": "lines.linewidth: 1",
    "results/sample/toy/plain/trials.json": "[]",
    "results/sample/toy/figures/.new.7.curves.pdf": "new",
    "results/sample/toy/figures/old.json": "{}",
    "results/sample/checkpoints/toy/plain/first_1_1/abc/state": "state",
    "scripts/problems/checkpoints/table.csv": "1",
    "data/sample/other/other.csv": "3",
    "scripts/.new.csv": "1",
    "data/sample/line/line.csv": "1,2",
    "data/sample/line/manifest.json": "{}",
    "logs/sample/toy/plot.log": "said",
    ".reprose/jobs/abc.json": "{}",
    ".reprose/steps.lock": "",
    ".reprose/history.json": "{}",
    "benchmarks/plot.tsv": "1",
    "scripts/problems/toy/scale.txt": "1.0",
    "config.yaml": "problems: {}",
    CODE: "x = 1\n",
}
KEY = {
    "rule": "plot",
    "tier": "sample",
    "problem": "toy",
    "inputs": {"style": ["report/style/figures.mplstyle"], "trials": ["results/sample/toy/plain/trials.json"]},
    "outputs": {
        "manifest": "results/sample/toy/figures/manifest.json",
        "provenance": "results/sample/toy/figures/provenance.json",
    },
}
FETCH = {
    "rule": "fetch",
    "tier": "sample",
    "dataset": "line",
    "inputs": {},
    "outputs": {"manifest": "data/sample/line/manifest.json", "provenance": "data/sample/line/provenance.json"},
}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project outside of the folder for temporary files, and the folder of the step."""
    for name, text in FILES.items():
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


def step_that_read(*paths, key=KEY):
    """Return a step, one of whose modules is `CODE`, that has opened files."""
    sources = {"scripts.problems.toy.model": [CODE, hashlib.sha256(FILES[CODE].encode()).hexdigest()]}
    witness = Witness("toy/choose", sources, {}, ".reprose/sources")
    for path in paths:
        witness.listen("open", (path, "r", 0))
    return Step(key, witness)


def refused(path, key=KEY):
    """Return what is said of a step that read a file."""
    with pytest.raises(ReproseError) as caught:
        check_opened(step_that_read(path, key=key))
    return str(caught.value)


@pytest.mark.parametrize(
    "path",
    [
        *KEY["inputs"]["style"],
        *KEY["inputs"]["trials"],
        "results/sample/toy/figures/.new.7.curves.pdf",
        ".reprose/jobs/abc.json",
        ".reprose/steps.lock",
        CODE,  # as for the line of a warning
        "report",  # a folder is no file
        "no such file",
        "/etc/passwd",
        "/proc/self/status",
        json.__file__,  # of Python
        pytest.__file__,  # of an installed package
    ],
)
def test_a_step_may_read_what_its_key_names_and_what_belongs_to_it_or_to_the_machine(project, path):
    check_opened(step_that_read(path))
    check_opened(step_that_read(os.path.abspath(path)))


@pytest.mark.parametrize(
    "path",
    [
        "scripts/problems/toy/scale.txt",
        "config.yaml",
        "data/sample/line/line.csv",
        "results/sample/toy/figures/old.json",  # of its own folder, left by another run
        "results/sample/checkpoints/toy/plain/first_1_1/abc/state",  # of another job
        "scripts/problems/checkpoints/table.csv",
        "scripts/.new.csv",
        "logs/sample/toy/plot.log",  # what earlier builds said and took
        "benchmarks/plot.tsv",
        ".reprose/history.json",
    ],
)
def test_a_file_of_the_project_that_the_key_does_not_name_is_refused_by_its_name_with_the_remedy(project, path):
    said = refused(path)
    assert said.startswith(f"{path} was read, but the key of this job does not name it")
    assert f"config.yaml: problems.toy: reads: [{path}]" in said
    assert refused(str(project / path)) == said


def test_a_data_set_is_told_to_name_what_it_reads(project):
    key = {**FETCH, "rule": "prepare", "dataset": "line", "view": "thirds"}
    assert "config.yaml: datasets.line: reads: [config.yaml]" in refused("config.yaml", key)


def test_a_file_of_another_folder_is_refused_unless_the_step_fetches(project):
    table = project.parent / "home" / "table.csv"
    table.parent.mkdir()
    table.write_text("1")
    assert refused(str(table)).startswith(f"{table} was read")
    check_opened(step_that_read(str(table), key=FETCH))  # a mirror; all of it is verified by digests


def test_a_mirror_may_lie_in_the_project_and_published_data_alone_come_from_there(project, monkeypatch):
    monkeypatch.setenv("REPROSE_MIRROR", str(project / "scripts"))
    check_opened(step_that_read("scripts/problems/toy/scale.txt", key={**FETCH, "tier": "real"}))
    for key in (FETCH, {**FETCH, "rule": "prepare", "tier": "real", "view": "thirds"}):
        assert "scale.txt was read" in refused("scripts/problems/toy/scale.txt", key)
    assert "config.yaml was read" in refused("config.yaml", {**FETCH, "tier": "real"})


def test_a_fetch_may_read_its_own_data_and_no_other_file_of_the_project(project):
    check_opened(step_that_read("data/sample/line/line.csv", key=FETCH))
    for path in ("scripts/problems/toy/scale.txt", "data/sample/other/other.csv"):
        assert refused(path, FETCH).startswith(f"{path} was read")


def test_a_training_may_read_its_own_checkpoint_and_no_other(project):
    names = {"problem": "toy", "variant": "plain", "batch": "first_1_1"}
    key = {**KEY, **names, "rule": "train"}
    own = Step(key, Witness("toy/train", {}, {}, ".reprose/sources")).checkpoint_folder / "state"
    own.parent.mkdir(parents=True)
    own.write_text("state")
    check_opened(step_that_read(str(own), key=key))
    other = "results/sample/checkpoints/toy/plain/first_1_1/abc/state"
    assert refused(other, key).startswith(f"{other} was read")


def test_a_link_into_the_project_does_not_hide_what_is_read(project):
    link = project.parent / "temporary" / "link"
    link.symlink_to(project / "config.yaml")
    assert refused(str(link)).startswith("config.yaml was read")


def test_a_link_of_the_project_to_a_file_elsewhere_is_refused_by_the_name_of_the_link(project):
    target = project.parent / "temporary" / "target"
    target.write_text("1")
    (project / "table.csv").symlink_to(target)
    assert refused("table.csv").startswith("table.csv was read")


def test_an_input_may_be_a_link(project):
    style = project / "report/style/figures.mplstyle"
    style.rename(project.parent / "shared.mplstyle")
    style.symlink_to(project.parent / "shared.mplstyle")
    check_opened(step_that_read("report/style/figures.mplstyle"))


def test_files_that_an_input_names_with_their_digests_may_be_read(project):
    step = step_that_read("data/sample/line/line.csv")
    digest = hashlib.sha256(FILES["data/sample/line/line.csv"].encode()).hexdigest()
    step.verify(Path("data/sample/line/line.csv"), digest, "")
    check_opened(step)


def test_own_code_whose_text_is_read_after_an_edit_is_refused(project):
    step = step_that_read(CODE)
    Path(CODE).write_text("x = 2\n")
    with pytest.raises(ReproseError, match=f"{CODE} changed while this step ran, which read its text; run again"):
        check_opened(step)


def test_code_that_the_key_does_not_name_is_refused_like_any_file(project):
    Path("scripts/problems/toy/other.py").write_text("y = 1\n")
    assert refused("scripts/problems/toy/other.py").startswith("scripts/problems/toy/other.py was read")


def test_packages_of_an_environment_inside_the_project_may_be_read(project, monkeypatch):
    package = project / ".venv/lib/site-packages/package.py"
    package.parent.mkdir(parents=True)
    package.write_text("")
    monkeypatch.setattr(sys, "path", [*sys.path, str(package.parent)])
    check_opened(step_that_read(str(package)))
