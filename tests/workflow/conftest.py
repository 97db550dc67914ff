import pytest

from workflow.project import Project, make_toy


def pytest_collection_modifyitems(items):
    for item in items:
        if "/workflow/" in str(item.path):
            item.add_marker(pytest.mark.workflow)


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The toy project, built once; tests work on copies."""
    project = make_toy(tmp_path_factory.mktemp("toy") / "project")
    project.build()
    return project


@pytest.fixture
def toy(built, tmp_path) -> Project:
    """A copy of the built toy project."""
    return built.copy(tmp_path / "project")


@pytest.fixture
def fresh(tmp_path) -> Project:
    """The toy project before its first build."""
    return make_toy(tmp_path / "project")
