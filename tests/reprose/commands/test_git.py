import os
import subprocess

import pytest

from reprose.base.errors import ReproseError
from reprose.commands.forecast.edits import altered
from reprose.commands.git import clean_commit, commit_of, git, note_commit
from reprose.steps.frame import COMMIT_VARIABLE

NAMES = ("-c", "user.name=Someone", "-c", "user.email=someone@example.org", "-c", "commit.gpgsign=false")


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project in a folder of a repository, all committed, and the working folder."""
    folder = tmp_path / "outer/project"
    (folder / "scripts/problems").mkdir(parents=True)
    for name in ("config.yaml", "scripts/problems/a.py", ".gitignore"):
        (folder / name).write_text("local.py\n__pycache__/\n")
    monkeypatch.chdir(folder)
    monkeypatch.delenv(COMMIT_VARIABLE, raising=False)
    for words in (["init", "-q", ".."], ["add", "."], [*NAMES, "commit", "-qm", "Begin"]):
        subprocess.run(["git", *words], check=True, timeout=60)
    return folder


def noted(monkeypatch):
    """Return the commit that a build notes now."""
    monkeypatch.setattr(os, "environ", {**os.environ})
    note_commit()
    return os.environ[COMMIT_VARIABLE]


def test_all_as_committed_is_that_commit(project, monkeypatch):
    head = git("rev-parse", "HEAD")
    assert commit_of("HEAD") == head
    assert noted(monkeypatch) == head
    assert clean_commit() == head


@pytest.mark.parametrize("name", ["scripts/b.py", "scripts/problems/local.py", "report/problems/a.tex.j2"])
def test_a_source_that_git_does_not_have_is_no_part_of_the_commit(project, monkeypatch, name):
    (project / name).parent.mkdir(parents=True, exist_ok=True)
    (project / name).touch()
    assert noted(monkeypatch) == f"{git('rev-parse', 'HEAD')}-dirty"
    assert clean_commit() == ""


@pytest.mark.parametrize("name", ["notes.txt", "report/problems/._a.tex.j2", "scripts/__pycache__/a.pyc"])
def test_what_no_build_uses_makes_no_commit_dirty(project, monkeypatch, name):
    (project / name).parent.mkdir(parents=True, exist_ok=True)
    (project / name).touch()
    assert noted(monkeypatch) == git("rev-parse", "HEAD")


def test_a_copy_inside_another_repository_is_of_no_commit(project, monkeypatch):
    copy = project.parent / "unzipped"
    copy.mkdir()
    (copy / "config.yaml").touch()
    monkeypatch.chdir(copy)
    assert noted(monkeypatch) == ""
    with pytest.raises(ReproseError, match=r"unzipped: its config.yaml is in no commit of .*/outer, so"):
        commit_of("HEAD")


def test_without_git_there_are_no_commits_and_this_is_said(project, monkeypatch):
    commit = git("rev-parse", "HEAD")
    (project / "scripts/problems/a.py").write_text("RATE = 2\n")
    monkeypatch.setenv("PATH", str(project))
    assert noted(monkeypatch) == ""
    assert clean_commit() == ""
    assert altered(project, commit, project / "scripts/problems/a.py", "RATE") == []
    with pytest.raises(ReproseError, match="git is not installed, so there is no earlier commit"):
        commit_of("HEAD")


def test_a_folder_in_no_repository_is_said_to_be_none(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ReproseError, match="not a git repository, so there is no earlier commit"):
        commit_of("HEAD")
