"""Projects that `reprose new` begins, and what it adds to them."""

import shutil

import pytest

from workflow import typesetters
from workflow.project import ROOT, Project

ENGINE = ("reprose", "workflow", "profiles")
REPORT = "report/handouts/report.tex.j2"


@pytest.fixture
def begun(server, tmp_path):
    """A new project, with an engine in its folder."""
    folder = tmp_path / "report"
    here = server.equipped(Project(tmp_path))
    here.run([here.python, "-m", "reprose", "new", str(folder)], PYTHONPATH=str(ROOT))
    for name in ENGINE:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return typesetters.outlined(server.equipped(Project(folder)))


def test_a_new_project_builds_and_grows_by_a_problem_an_analysis_and_a_handout(begun):
    assert "line/plain/test/run.json" in {
        record.removeprefix("results/real/") for record in begun.run(begun.reprose("build")).ran
    }
    assert begun.snakemake().ran == set()
    text = begun.read("config.yaml").decode()
    told = begun.run(begun.reprose("new", "problem", "heat_loss")).text
    assert "name heat_loss in the first line of a handout (report/handouts/report.tex.j2)" in told
    assert begun.read("config.yaml").decode().startswith(text)  # comments and all
    begun.edit(REPORT, "sections: look, line", "sections: look, line, heat_loss, first_sight")
    begun.run(begun.reprose("new", "handout", "apart", "heat_loss"))
    begun.run(begun.reprose("new", "analysis", "first_sight", "points"))
    ran = begun.run(begun.reprose("build")).ran
    assert {"results/real/heat_loss/section/run.json", "results/real/handouts/apart.run.json"} <= ran
    assert "results/real/first_sight/numbers/run.json" in ran
    assert not [record for record in ran if record.startswith("results/real/line/")]


def test_nothing_that_exists_is_overwritten(begun):
    before = sources(begun)
    for words, told in (
        (["problem", "line"], "problems.line is there already"),
        (["handout", "report"], "report/handouts/report.tex.j2: there already, and nothing was written"),
        (["."], "more: there already, and nothing was written"),
        (["problem", "class"], "'class' cannot be a name"),
        (["problem", "Heat"], "'Heat' cannot be a name"),
        (["problem", "views"], "'views' cannot be a name"),
        (["handout", "more", "nothing"], "no problem 'nothing'. There are: look, line."),
        (["problem", "heat", "nothing"], "no view 'nothing'. There are: points."),
        (["problem"], "found 0 names. Allowed: reprose new problem NAME [VIEW]."),
        (["problems", "heat"], "found 'problems heat'. Allowed: one folder, or problem, analysis, handout and a name"),
    ):
        done = begun.run(begun.reprose("new", *words), check=False)
        assert done.code == 1, words
        assert told in done.text, words
        assert "Traceback" not in done.text
    assert sources(begun) == before


def sources(project):
    """Return the text of each file of a project."""
    return {path: path.read_text() for path in project.folder.rglob("*.*") if path.suffix in (".py", ".yaml", ".j2")}
