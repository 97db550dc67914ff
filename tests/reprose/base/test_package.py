"""The wheel's requirements agree with the engine and with the pins, and the engine finds its files."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from reprose.base import package, project
from reprose.base.errors import ReproseError

ROOT = Path(__file__).resolve().parents[3]
PINS = dict(re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / "requirements.txt").read_text(), flags=re.MULTILINE))
DISTRIBUTIONS = {  # what is imported -> what brings it
    "fontTools": "fonttools",
    "yaml": "pyyaml",
    "pydantic_core": "pydantic",
    "markupsafe": "jinja2",
    "urllib3": "requests",
}


PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.fixture
def asked():
    """What the wheel asks for."""
    return [Requirement(text) for text in PROJECT["dependencies"]]


@pytest.fixture
def extra():
    """What the wheel can use beside that."""
    return [Requirement(text) for listed in PROJECT["optional-dependencies"].values() for text in listed]


def test_the_wheel_is_content_with_the_pinned_versions(asked, extra):
    assert [str(one) for one in [*asked, *extra] if PINS[one.name] not in one.specifier] == []


def test_the_wheel_asks_for_what_the_engine_imports_and_for_nothing_else(asked, extra):
    imported = {name for path in ROOT.glob("reprose/**/*.py") if "starter" not in path.parts for name in imports(path)}
    others = {name for name in imported - sys.stdlib_module_names - {"reprose"} if not name.startswith("snakemake_")}
    needed = {DISTRIBUTIONS.get(name, name) for name in others} - {one.name for one in extra}
    assert needed == {one.name for one in asked}


def imports(path):
    """Yield the top names of all that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


@pytest.mark.parametrize(
    "name",
    [
        "workflow/rules/common.smk",
        "workflow/schemas/config.schema.yaml",
        "profiles/slurm",
        "starter/config.yaml",
        "Snakefile",
    ],
)
def test_the_engine_finds_its_files(name):
    assert package.engine_file(name).exists()


def test_what_a_wheel_carries_beside_the_modules_comes_first(tmp_path, monkeypatch):
    monkeypatch.setattr(package, "ENGINE", tmp_path / "reprose")
    (tmp_path / "reprose/workflow").mkdir(parents=True)
    (tmp_path / "workflow").mkdir()
    assert package.engine_file("workflow") == tmp_path / "reprose/workflow"
    assert package.engine_file("profiles") == tmp_path / "profiles"


def test_rules_of_a_project_replace_those_of_the_engine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert package.rules("data.smk") == str(ROOT / "workflow/rules/data.smk")
    own = tmp_path / "workflow/rules/data.smk"
    own.parent.mkdir(parents=True)
    own.touch()
    assert package.rules("data.smk") == str(own)
    assert package.rules("models.smk") == str(ROOT / "workflow/rules/models.smk")


def test_a_project_is_found_from_a_folder_inside_it(tmp_path):
    for name in project.MARKS:
        (tmp_path / name).touch()
    inner = tmp_path / "scripts/problems"
    inner.mkdir(parents=True)
    (tmp_path / "scripts/config.yaml").touch()  # one of the marks alone makes no project
    assert project.find_project(inner) == tmp_path
    with pytest.raises(ReproseError, match="neither this folder nor one above it has config.yaml and Snakefile"):
        project.find_project(tmp_path.parent)


def test_a_project_without_a_conda_environment_has_none(tmp_path):
    assert project.conda_environment(tmp_path) is None
    (tmp_path / "environment.yml").touch()
    assert project.conda_environment(tmp_path) == str(tmp_path / "environment.yml")


def test_braces_in_the_place_of_a_project_are_no_wildcards(tmp_path):
    place = tmp_path / "a {b}"
    place.mkdir()
    (place / "environment.yml").touch()
    assert project.conda_environment(place).format() == str(place / "environment.yml")
