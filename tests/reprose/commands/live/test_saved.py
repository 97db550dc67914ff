from itertools import islice

import pytest

from reprose.commands.live.saved import Saved

TICKS = 500  # of a fifth of a second, after which nothing is taken to come


@pytest.fixture
def project(tmp_path):
    """A folder with what a project holds, and more."""
    for name in (
        "scripts/problems/line/train.py",
        "report/problems/line.tex.j2",
        "results/sample/line.json",
        "README.md",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "tables").mkdir()
    (tmp_path / "config.yaml").write_text("data:\n  houses: {file: tables/houses.csv}\n  lists: [notes/a.txt]\n")
    return tmp_path


def begun(project) -> Saved:
    saved = Saved(project)
    saved.begin()
    return saved


def noticed(saved) -> list[str]:
    saved.changes = islice(saved.changes, TICKS)
    return saved.wait()


@pytest.mark.parametrize(
    ("file", "is_counted"),
    [
        ("config.yaml", True),
        ("Snakefile", True),
        ("scripts/problems/line/train.py", True),
        ("report/problems/new.tex.j2", True),
        ("workflow/rules/own.smk", True),
        ("tables/houses.csv", True),
        ("notes/a.txt", True),
        ("tables/others.csv", False),
        ("results/sample/line/figures/curves.pdf", False),
        ("data/sample/line/line.csv", False),
        (".reprose/build.lock", False),
        ("README.md", False),
        ("scripts/__pycache__/train.cpython-311.pyc", False),
        ("report/problems/.line.tex.j2.swp", False),
        ("report/problems/line.tex.j2~", False),
    ],
)
def test_what_builds_may_read_counts_and_what_they_make_does_not(project, file, is_counted):
    assert begun(project).counts(None, str(project / file)) is is_counted


def test_a_saved_file_is_noticed_also_when_it_was_saved_before_anybody_waited(project):
    saved = begun(project)
    (project / "results/sample/line.json").write_text("{}")
    (project / "report/problems/line.tex.j2").write_text("Words.")
    (project / "tables/houses.csv").write_text("price\n")
    assert set(noticed(saved)) == {"report/problems/line.tex.j2", "tables/houses.csv"}


def test_a_file_that_is_replaced_as_editors_do_is_noticed(project):
    saved = begun(project)
    (project / "config.yaml.new").write_text("{}")
    (project / "config.yaml.new").rename(project / "config.yaml")
    assert noticed(saved) == ["config.yaml"]


def test_a_new_folder_is_noticed_and_what_is_saved_in_it(project):
    saved = begun(project)
    (project / "scripts/problems/circle").mkdir()
    assert noticed(saved) == ["scripts/problems/circle"]
    saved.begin()
    (project / "scripts/problems/circle/train.py").touch()
    assert noticed(saved) == ["scripts/problems/circle/train.py"]


def test_a_file_that_config_names_anew_is_noticed(project):
    saved = begun(project)
    (project / "config.yaml").write_text("data: {file: others/trees.csv}")
    (project / "others").mkdir()
    saved.begin()
    (project / "others/trees.csv").touch()
    assert noticed(saved) == ["others/trees.csv"]


def test_while_config_cannot_be_read_the_files_that_it_named_count(project):
    saved = begun(project)
    (project / "config.yaml").write_text("data: {")
    saved.begin()
    (project / "tables/houses.csv").touch()
    assert noticed(saved) == ["tables/houses.csv"]


@pytest.mark.parametrize("folder", ["scripts/problems/line", "tables"])
def test_a_folder_that_goes_and_comes_back_is_noticed_as_before(project, folder):
    (project / "tables/houses.csv").touch()
    saved = begun(project)
    (project / folder).rename(project / "away")
    assert folder in noticed(saved)
    saved.begin()
    (project / "away").rename(project / folder)
    assert folder in noticed(saved)
    saved.begin()
    file = next(path for path in (project / folder).iterdir() if path.is_file())
    file.write_text("other\n")
    assert noticed(saved) == [str(file.relative_to(project))]


def test_texts_that_are_no_files_do_no_harm(project):
    (project / "config.yaml").write_text(f"odd: ['', '.', '..', '/', 'a*b/c', {'x' * 5000}, \"nul\\0\", '~']")
    saved = begun(project)
    (project / "scripts/new.py").touch()
    assert noticed(saved) == ["scripts/new.py"]
