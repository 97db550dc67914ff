"""Two clones and a store between them: what one has made, the other takes."""

import json
import os
import sys
from pathlib import Path

import pytest

from workflow import typesetters
from workflow.project import Project, make_toy

pytestmark = pytest.mark.workflow


@pytest.fixture(scope="module")
def filled(server, tmp_path_factory):
    """Return a store, and the project that filled it."""
    folder = tmp_path_factory.mktemp("filled")
    project = server.equipped(make_toy(folder / "project"))
    project.run(project.reprose("build"), REPROSE_STORE=str(folder / "store"))
    return folder / "store", project


@pytest.mark.parametrize("door", ["front door", "bare snakemake"])
def test_a_second_clone_takes_all_from_the_store_and_trains_nothing(filled, server, tmp_path, door):
    store, first = filled
    other = server.equipped(make_toy(tmp_path / "project"))
    command = other.reprose("build") if door == "front door" else [other.python, "-m", "snakemake", "--cores", "2"]
    built = other.run(command, REPROSE_STORE=f"readonly+{store}")
    assert f"results are taken from {store}" in built.text
    assert other.made() == first.made()
    assert not (other.folder / "logs/sample/toy").exists()  # no step ran
    run = json.loads(other.read("results/sample/toy/plain/run.json"))
    assert run["store"] == str(store)


def test_data_that_may_not_be_passed_on_are_made_first_and_nothing_is_trained(server, tmp_path):
    store, projects = tmp_path / "store", []
    for name in ("first", "second"):
        project = server.equipped(make_toy(tmp_path / name / "project"))
        project.edit("config.yaml", "rows: 60}\n", "rows: 60}\n    redistribute: false\n")
        projects.append((project, project.run(project.reprose("build"), REPROSE_STORE=str(store))))
    (first, _), (second, built) = projects
    assert second.made() == first.made()
    assert {path.name for path in (second.folder / "logs/sample").iterdir()} == {"line", "views", "snakemake.log"}
    assert "results are taken from" in built.text
    alone = server.equipped(make_toy(tmp_path / "alone/project"))
    alone.edit("config.yaml", "rows: 60}\n", "rows: 60}\n    redistribute: false\n")
    bare = [alone.python, "-m", "snakemake", "--cores", "2", "results/sample/views/thirds/provenance.json"]
    assert "data that are not here yet" in alone.run(bare, REPROSE_STORE=str(store)).text
    again = alone.run([*bare[:-1], "results/sample/toy/plain/provenance.json"], REPROSE_STORE=str(store))
    assert not (alone.folder / "logs/sample/toy").exists(), again.text


def test_plan_tells_and_changes_nothing(filled, server, tmp_path):
    store, _ = filled
    other = server.equipped(make_toy(tmp_path / "project"))
    said = other.run(other.reprose("plan"), REPROSE_STORE=str(store))
    assert "jobs have their results taken from a store" in said.text and "nothing to run" in said.text
    assert not (other.folder / "results").exists()


def with_torch(project):
    """Return a project whose training runs on torch."""
    project.edit("scripts/problems/toy/train.py", "import numpy as np\n", "import numpy as np\nimport torch\n")
    project.edit(
        "scripts/problems/toy/train.py", "(run.seed).normal(size=2)", "(torch.tensor(run.seed).item()).normal(size=2)"
    )
    return project


def test_a_build_from_a_filled_store_imports_torch_in_no_process(server, tmp_path):
    first = with_torch(typesetters.outlined(server.equipped(make_toy(tmp_path / "first"))))
    first.run(first.reprose("build"), REPROSE_STORE=str(tmp_path / "store"))
    noted, shadow = tmp_path / "imported", tmp_path / "path/torch"
    shadow.mkdir(parents=True)
    (shadow / "__init__.py").write_text(f"open({str(noted)!r}, 'w').close()\nraise ImportError('torch')\n")
    folders = [str(Path(sys.executable).parent), str(Path(first.python).parent), os.environ["PATH"]]
    second = Project(with_torch(make_toy(tmp_path / "second")).folder, variables={"PATH": os.pathsep.join(folders)})
    shadowed = {"PYTHONPATH": str(tmp_path / "path"), "REPROSE_STORE": str(tmp_path / "store")}
    built = second.run(second.reprose("build"), **shadowed)
    assert "results are taken from" in built.text
    assert not (second.folder / "logs/sample/toy").exists()
    assert second.made() == first.made()
    assert not noted.exists()
    second.run([second.python, "-c", "import torch"], check=False, **shadowed)
    assert noted.exists()  # it would have been seen
