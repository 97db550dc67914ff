"""The tutorial, followed word by word: each block of it is run, written, applied or compared."""

import re
import shutil
from pathlib import Path

import pytest

from workflow import typesetters
from workflow.project import ROOT, Project
from workflow.test_new import ENGINE

TUTORIAL = ROOT / "docs/tutorial.md"
BLOCK = re.compile(r"^```(\w+)(?: (\w+|title=\"(.*?)\"))?\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
COMMAND = '#!/bin/sh\nexec {python} -m reprose "$@"\n'


class Reader:
    """Somebody who does what the tutorial says, in a shell where the engine is installed."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.said = ""

    def sh(self, flag: str, title: str, text: str) -> None:
        for line in text.splitlines():
            if line.startswith("cd "):
                self.project.folder /= line.removeprefix("cd ")
                for name in ENGINE:  # as steps find it where it is installed
                    shutil.copytree(
                        ROOT / name, self.project.folder / name, ignore=shutil.ignore_patterns("__pycache__")
                    )
                continue
            done = self.project.run(["sh", "-c", line], check=not flag, PYTHONPATH=str(ROOT))
            assert bool(flag) == bool(done.code)
            self.said = done.text

    def text(self, flag: str, title: str, text: str) -> None:
        said = squeezed(self.said)
        for line in text.splitlines():
            assert squeezed(line) in said, self.said

    def csv(self, flag: str, title: str, text: str) -> None:
        (self.project.folder / title).write_text(text)

    latex = csv

    def diff(self, flag: str, title: str, text: str) -> None:
        old, new = (
            "".join(line[1:] + "\n" for line in text.splitlines() if line[0] in signs) for signs in (" -", " +")
        )
        path = self.project.folder / title
        whole = path.read_text()
        if whole.count(old) != 1:  # a part of a line
            old, new = old.rstrip("\n"), new.rstrip("\n")
        assert whole.count(old) == 1, f"{title}: not once there: {old}"
        path.write_text(whole.replace(old, new))


def squeezed(text):
    """Return `text` with single blanks."""
    return " ".join(text.split())


@pytest.fixture
def reader(server, tmp_path):
    """A reader with programs that start at once, and the command `reprose` among them."""
    project = typesetters.outlined(server.equipped(Project(tmp_path)))
    command = Path(project.python).parent / "reprose"
    command.write_text(COMMAND.format(python=project.python))
    command.chmod(0o755)
    return Reader(project)


def test_the_tutorial_holds_to_the_word(reader):
    blocks = BLOCK.findall(TUTORIAL.read_text())
    assert len(blocks) == TUTORIAL.read_text().count("```") / 2
    for kind, flag, title, text in blocks:
        getattr(reader, kind)("" if title else flag, title, text)


def test_the_tutorial_shows_no_more_lines_than_a_reader_types_in_ten_minutes():
    blocks = BLOCK.findall(TUTORIAL.read_text())
    typed = [line for kind, _, _, text in blocks if kind in ("diff", "latex") for line in text.splitlines()]
    assert len([line for line in typed if not line.startswith((" ", "-"))]) <= 25
