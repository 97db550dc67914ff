"""Builds at each saved file, as a browser meets them."""

import fcntl
import http.client
import json
import signal
import subprocess
import threading

import pytest

from workflow.processes import programs, wait_for
from workflow.project import HANGS, Project

SECTION = "report/problems/toy.tex.j2"


class Watching:
    """`reprose watch`, what it prints, and what a browser hears of it."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.lines: list[str] = []
        self.events: list[dict] = []
        command = project.reprose("watch", "toy", "--", "--cores", "2")
        environment = project.environment()
        for name in ("DISPLAY", "WAYLAND_DISPLAY"):
            environment.pop(name, None)
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        self.process = subprocess.Popen(command, cwd=project.folder, env=environment, start_new_session=True, **pipes)
        threading.Thread(target=lambda: self.lines.extend(self.process.stdout), daemon=True).start()
        told = wait_for(lambda: next((line for line in self.lines if line.startswith("http://")), None), "an address")
        self.host = told.split(": ")[0].removeprefix("http://")
        threading.Thread(target=self.hear, daemon=True).start()

    def get(self, path: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(self.host)
        connection.request("GET", path)
        return connection.getresponse()

    def hear(self) -> None:
        for line in self.get("/events"):
            if line.startswith(b"data: "):
                self.events.append(json.loads(line.removeprefix(b"data: ")))

    @property
    def page(self) -> str:
        return self.get("/toy.html").read().decode()

    def until(self, state: str, after: int = 0) -> dict:
        """Return the first event of this state after so many."""

        def found() -> dict | None:
            return next((event for event in self.events[after:] if event["state"] == state), None)

        return wait_for(found, f"{state}, in {self.events[after:]} after {self.lines}", HANGS)

    def edit(self, file: str, old: str, new: str, state: str = "built") -> dict:
        """Edit a file and return the event of the build that follows."""
        seen = len(self.events)
        self.project.edit(file, old, new)
        self.until("building", seen)
        return self.until(state, seen)

    def end(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        status = self.process.wait(HANGS)
        self.process.stdout.close()
        return status


@pytest.fixture
def watching(toy):
    """A watch of the toy project that has built once."""
    watching = Watching(toy)
    watching.until("built")
    yield watching
    if watching.process.poll() is None:
        watching.end(signal.SIGKILL)


def test_a_saved_sentence_reaches_the_page_and_what_is_wrong_is_shown_until_it_is_mended(watching):
    before = watching.events[-1]["pages"]["toy"]
    assert "The plain fit has" in watching.page
    event = watching.edit(SECTION, "The plain fit has", "The plain fit shows")
    assert event["pages"]["toy"] != before
    assert "The plain fit shows" in watching.page
    assert watching.get("/toy.pdf").read() == watching.project.read("results/sample/handouts/toy.pdf")

    event = watching.edit(SECTION, '"plain.error")', '"plain.eror")', "failed")
    assert event["text"].startswith(f"error: toy/write: {SECTION}:3: no number 'plain.eror' in numbers.json.")
    assert "The plain fit shows" in watching.page  # that of before, as the browser says
    event = watching.edit("config.yaml", "problems:", "problms:", "failed")
    assert "unknown key 'problms'" in event["text"]

    watching.project.edit("config.yaml", "problms:", "problems:")
    event = watching.edit(SECTION, '"plain.eror")', '"plain.error")')
    assert event["text"] == ""
    watching.edit("reprose/commands/build.py", "'up to date'", "'as it was'")  # the engine that waits is replaced
    assert "as it was: results/sample/handouts/toy.pdf, toy.html\n" in watching.lines
    saved = [line for line in watching.lines if line.startswith("saved: ")]
    assert 5 <= len(saved) <= 7  # what builds write is none of them
    assert watching.end() == 0
    assert not list(programs(watching.project.folder))


def test_a_build_waits_for_another_one_and_what_is_saved_meanwhile_leads_to_one_more(watching):
    with open(watching.project.folder / ".reprose/build.lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        watching.project.edit(SECTION, "The plain fit has", "The plain fit shows")
        wait_for(lambda: any("another build (process" in line for line in watching.lines), "the message of the lock")
        for number in range(3):
            (watching.project.folder / f"report/problems/note_{number}.txt").touch()
            watching.project.edit(SECTION, "The plain fit", "The plainest fit" if number == 2 else "The plain fit")
        before = len([event for event in watching.events if event["state"] == "built"])
    wait_for(lambda: len([event for event in watching.events if event["state"] == "built"]) > before + 1, "two builds")
    assert "The plainest fit shows" in watching.page
    assert len([line for line in watching.lines if line.startswith("saved: ")]) == 2
    assert watching.end() == 0


def test_an_interruption_ends_the_build_that_runs_and_the_next_build_goes_on(watching):
    toy = watching.project
    toy.edit("scripts/problems/toy/train.py", "    for run in runs:", HELD)
    wait_for(lambda: (toy.folder / "started").exists(), "a training", HANGS)
    assert watching.end() == 0
    assert any("interrupted; ending the jobs" in line for line in watching.lines)
    wait_for(lambda: not list(programs(toy.folder)), "no process")
    toy.edit("scripts/problems/toy/train.py", HELD, "    for run in runs:")
    assert toy.build().code == 0


HELD = """    import time
    from pathlib import Path

    Path("started").touch()
    time.sleep(3600)
    for run in runs:"""
