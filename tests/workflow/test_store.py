"""Two clones and a store between them: what one has made, the other takes."""

import json

import pytest

from workflow.project import make_toy

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


def test_plan_tells_and_changes_nothing(filled, server, tmp_path):
    store, _ = filled
    other = server.equipped(make_toy(tmp_path / "project"))
    said = other.run(other.reprose("plan"), REPROSE_STORE=str(store))
    assert "jobs have their results taken from a store" in said.text and "nothing to run" in said.text
    assert not (other.folder / "results").exists()
