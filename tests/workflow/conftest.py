import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from workflow import typesetters
from workflow.forked import Server
from workflow.histories import Workshop
from workflow.project import Project, make_copy, make_toy
from workflow.traced import trace_steps

# Build with the real Python, whose processes form the groups that a terminal interrupts; elsewhere programs are forks.
REAL = ("test_comparison", "test_forkserver", "test_package", "test_screen", "test_slurm", "test_watch")
# Want the PDF and the page; elsewhere LaTeX and pandoc are stood for.
TYPESET = ("test_checked_pdf", "test_clones", "test_draft", "test_errors", "test_faults", "test_package", "test_screen")
TYPESET += ("test_export", "test_soundness")
# Begin with these, so that none is the last.
LONG = ("test_soundness", "test_never_stale", "test_slurm", "test_histories", "test_faults", "test_package")


def pytest_collection_modifyitems(items):
    for item in items:
        if "/workflow/" in str(item.path):
            item.add_marker(pytest.mark.workflow)
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: LONG.index(item.path.stem) if item.path.stem in LONG else len(LONG))


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The server of a Python that starts at once."""
    with Server(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture(scope="session")
def once(tmp_path_factory):
    """A function that lets a folder be made once, also where tests run side by side, and returns it."""
    top = tmp_path_factory.getbasetemp()
    top = top.parent if "PYTEST_XDIST_WORKER" in os.environ else top

    def made(name: str, make: Callable[[Path], object]) -> Path:
        with open(top / f"{name}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (top / f"{name}.made").exists():
                make(top / name / "project")
                (top / f"{name}.made").touch()
        return top / name / "project"

    return made


@pytest.fixture(scope="session")
def built(server, once) -> Project:
    """The toy project, built; tests work on copies."""
    return Project(once("toy", lambda folder: server.equipped(make_toy(folder)).build()))


@pytest.fixture(scope="session")
def outlined(server, once, built) -> Project:
    """The toy project, built by programs that stand for LaTeX and pandoc."""
    return Project(once("outlined", lambda folder: typesetters.outlined(server.equipped(built.copy(folder))).build()))


@pytest.fixture(scope="session")
def traced(server, once) -> Project:
    """The project itself, built on sample data with every step traced."""

    def make(folder: Path) -> None:
        project = server.equipped(make_copy(folder))
        project.run(project.reprose("build"), **trace_steps(project))

    return Project(once("traced", make))


@pytest.fixture
def toy(server, request, tmp_path) -> Project:
    """A copy of the built toy project, with the programs that its tests want."""
    name, folder = request.path.stem, tmp_path / "project"
    if name in REAL:
        return request.getfixturevalue("built").copy(folder)
    if name in TYPESET:
        return server.equipped(request.getfixturevalue("built").copy(folder))
    return typesetters.outlined(server.equipped(request.getfixturevalue("outlined").copy(folder)))


@pytest.fixture
def fresh(server, tmp_path) -> Project:
    """The toy project before its first build."""
    return server.equipped(make_toy(tmp_path / "project"))


@pytest.fixture(scope="session")
def workshop(server, tmp_path_factory):
    """Toy projects that build in seconds, as LaTeX and pandoc are stood for, and clean builds to compare with."""
    folder = tmp_path_factory.mktemp("workshop")
    (folder / "shared").mkdir()
    return Workshop(server, folder, folder / "shared")


@pytest.fixture
def quick(workshop, tmp_path) -> Project:
    """A built toy project of the workshop."""
    return workshop.equipped(workshop.built().copy(tmp_path / "project"))
