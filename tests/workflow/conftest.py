import fcntl
import os

import pytest

from workflow.forked import Server
from workflow.histories import Workshop
from workflow.project import Project, make_toy

LONG = ("test_soundness", "test_slurm", "test_faults", "test_package")  # begin with them, so that none is the last


def pytest_collection_modifyitems(items):
    for item in items:
        if "/workflow/" in str(item.path):
            item.add_marker(pytest.mark.workflow)
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: LONG.index(item.path.stem) if item.path.stem in LONG else len(LONG))


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The toy project, built once, also where tests run side by side; tests work on copies."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # of all workers
    project = Project(folder / "toy/project")
    with open(folder / "toy.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "toy/built").exists():
            make_toy(project.folder).build()
            (folder / "toy/built").touch()
    return project


@pytest.fixture
def toy(built, tmp_path) -> Project:
    """A copy of the built toy project."""
    return built.copy(tmp_path / "project")


@pytest.fixture
def fresh(tmp_path) -> Project:
    """The toy project before its first build."""
    return make_toy(tmp_path / "project")


@pytest.fixture(scope="session")
def workshop(tmp_path_factory):
    """Toy projects that build in seconds, as LaTeX and pandoc are stood for, and clean builds to compare with."""
    folder = tmp_path_factory.mktemp("workshop")
    (folder / "shared").mkdir()
    with Server(folder / "server") as server:
        yield Workshop(server, folder, folder / "shared")


@pytest.fixture
def quick(workshop, tmp_path) -> Project:
    """A built toy project of the workshop."""
    return workshop.equipped(workshop.built().copy(tmp_path / "project"))
