"""A new problem touches its own folder, its block of config.yaml, its section and its data set, and no rule."""

import re

import yaml

from workflow.project import ROOT, TOY, make_copy

PLACES = ("config.yaml", "scripts/datasets/", "scripts/problems/toy/", "report/problems/toy", "report/handouts/toy")
# What every project has once, however many problems.
ONCE = ("scripts/__init__.py", "scripts/datasets/__init__.py", "scripts/problems/__init__.py", "report/style/")
HOUSES = ROOT / "tests/workflow/houses"


def toy_files():
    """Return the files of the toy problem."""
    found = [path for path in TOY.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return [path for path in found if not str(path.relative_to(TOY)).startswith(ONCE)]


def test_the_toy_problem_consists_of_its_own_files():
    files = [str(path.relative_to(TOY)) for path in toy_files()]
    assert files
    assert [file for file in files if not file.startswith(PLACES)] == []


def test_the_walk_in_the_documents_shows_code_that_is_built():
    shown = re.findall(
        r"```(?:python|yaml|latex)\n(.*?)```", (ROOT / "docs/own-report.md").read_text(), flags=re.DOTALL
    )
    sources = [squeezed(path.read_text()) for path in (*toy_files(), HOUSES / "scripts/problems/houses/train.py")]
    assert len(shown) == 8
    for block in shown:
        assert any(squeezed(block) in text for text in sources), block


def squeezed(text):
    """Return `text` without layout."""
    return " ".join(text.split())


def test_a_problem_added_to_the_project_is_built_beside_the_others(server, tmp_path):
    project = server.equipped(make_copy(tmp_path / "project"))
    for path in toy_files():
        target = project.folder / path.relative_to(TOY)
        if path.name != "config.yaml":
            target.parent.mkdir(parents=True, exist_ok=True)
            assert not target.exists()
            target.write_bytes(path.read_bytes())
    config, own = (yaml.safe_load((folder / "config.yaml").read_text()) for folder in (ROOT, TOY))
    for block in ("datasets", "views", "problems"):
        config[block] |= own[block]
    (project.folder / "config.yaml").write_text(yaml.safe_dump(config))
    build = project.snakemake("results/sample/handouts/toy.pdf")
    assert "results/sample/toy/plain/test/run.json" in build.ran
    assert not [record for record in build.ran if "multitask" in record]
