import json

import pytest

from reprose.commands import cli, watch
from reprose.commands.live.pages import Pages


class Builds:
    """Stands for builds: each leaves a page, tells of it, and ends with a status."""

    def __init__(self, folder, status=0, fault=""):
        self.folder, self.ended = folder, (status, fault)

    def run(self, hear):
        (self.folder / "toy.html").write_text("<p>New.</p>")
        hear("[2/2]     4.1 s  handouts/toy/typeset")
        return self.ended


@pytest.fixture
def told(monkeypatch):
    """What browsers are told, event after event."""
    events = []
    tell = Pages.tell
    monkeypatch.setattr(Pages, "tell", lambda pages, *what: (tell(pages, *what), events.append(pages.event()[1])))
    return events


def test_a_page_is_there_as_soon_as_its_job_has_ended(tmp_path, told):
    watch.build(Pages(tmp_path), Builds(tmp_path), ["toy"])
    first, second, last = map(json.loads, told)
    assert (first["state"], first["text"], first["pages"]) == ("building", "", {"toy": ""})
    assert second["state"] == "building"
    assert second["text"].endswith("handouts/toy/typeset")
    assert second["pages"]["toy"]
    assert last == {"state": "built", "text": "", "pages": second["pages"]}


def test_a_build_that_fails_is_told_with_its_fault(tmp_path, told):
    watch.build(Pages(tmp_path), Builds(tmp_path, 1, "error: toy.tex.j2:3: no number"), ["toy"])
    last = json.loads(told[-1])
    assert (last["state"], last["text"]) == ("failed", "error: toy.tex.j2:3: no number")


def test_what_is_built_is_what_was_named_with_the_options_that_were_given():
    arguments = cli.parsed(
        ["watch", "toy", "--tier", "real", "--profile", "slurm", "--port", "9000", "--", "--cores", "2"]
    )
    assert watch.words(arguments) == ["build", "--tier", "real", "--profile", "slurm", "toy", "--", "--cores", "2"]


@pytest.mark.parametrize(
    ("names", "readers", "opened"), [(["a"], 0, ["/a.html"]), (["a", "b"], 0, [""]), (["a"], 1, [])]
)
def test_a_browser_is_opened_unless_one_follows_the_pages(tmp_path, monkeypatch, names, readers, opened):
    shown = []
    monkeypatch.setattr(watch, "opener", lambda: ["xdg-open"])
    monkeypatch.setattr(watch.subprocess, "Popen", lambda words, **_: shown.append(words[-1]))
    pages = Pages(tmp_path)
    pages.names, pages.readers = list(names), readers
    watch.show(pages, "http://127.0.0.1:8765")
    assert shown == [f"http://127.0.0.1:8765{page}" for page in opened]
