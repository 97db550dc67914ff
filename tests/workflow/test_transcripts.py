"""The pages on stores, verify and export show what a person sees: their commands are run, their output compared."""

import re
import shutil
import subprocess
from io import BytesIO

import pikepdf
import pytest

from workflow import typesetters
from workflow.project import ROOT, Project, make_toy
from workflow.test_checked_pdf import PDF, change_a_number
from workflow.test_tutorial import BLOCK, COMMAND, squeezed

pytestmark = pytest.mark.workflow
PERSON = {f"GIT_{role}_{kind}": "reader" for role in ("AUTHOR", "COMMITTER") for kind in ("NAME", "EMAIL")}


def follow(page, project):
    """Run each block of commands of a page, and compare what it says with the block of text after it."""
    said, blocks = "", BLOCK.findall((ROOT / "docs" / page).read_text())
    for kind, flag, _, text in blocks:
        if kind == "sh":
            said = "".join(told(project, line, bool(flag)) for line in text.splitlines())
        elif kind == "text":
            for line in text.splitlines():
                assert re.search(pattern(line), squeezed(said)), f"{line!r} is not in:\n{said}"
    assert {kind for kind, *_ in blocks} >= {"sh", "text"}


def told(project, line, fails):
    """Run one line as a shell that stays open would; return what it says."""
    if line.startswith("cd "):
        project.folder = (project.folder / line.removeprefix("cd ")).resolve()
        return ""
    if line.startswith("export "):
        name, _, value = line.removeprefix("export ").partition("=")
        project.variables[name] = value
        return ""
    done = project.run(["sh", "-c", line], check=not fails)
    assert bool(done.code) == fails, done.text
    return done.text


def pattern(line):
    """Return what a line matches where times, sizes and the last digits of values are others."""
    text = re.sub(r"\d+\\\.\d(?=\\ (?:s|MB))", r"[\\d.]+", re.escape(squeezed(line)))
    return re.sub(r"(\d+\\\.\d{6})\d{4,}", r"\1\\d*", text)


def with_command(project):
    """Return a project with the command `reprose` beside its Python."""
    command = Project(project.folder, project.python).environment()["PATH"].split(":")[0]
    path = ROOT.joinpath(command, "reprose")
    path.write_text(COMMAND.format(python=project.python))
    path.chmod(0o755)
    return project


def test_the_page_on_stores(server, tmp_path):
    for name in ("first", "second"):
        folder = make_toy(tmp_path / name).folder
        for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "A line"]):
            person = [word for key in ("name", "email") for word in ("-c", f"user.{key}=reader")]
            subprocess.run(["git", *person, *words], cwd=folder, check=True)
    project = with_command(typesetters.outlined(server.equipped(Project(tmp_path))))
    project.variables |= PERSON
    follow("store.md", project)


@pytest.mark.parametrize("page", ["verify.md", "export.md"])
def test_the_page_on_a_command(built, server, tmp_path, page):
    project = with_command(server.equipped(built.copy(tmp_path / "project")))
    downloads = project.folder / "downloads"
    downloads.mkdir()
    shutil.copy(project.folder / PDF, downloads / "toy.pdf")
    with pikepdf.open(BytesIO(project.read(PDF))) as document:
        change_a_number(document)
        document.save(downloads / "tampered.pdf")
    follow(page, project)
