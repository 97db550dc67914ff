import sys

import pytest

from reprose.commands.live import builds as running
from reprose.commands.live.builds import Builds, fault

BUILD = """
import signal, sys, time
if not sys.stdin.readline():
    sys.exit()
code = open("code").read()
try:
    print("words:", *sys.argv[1:], flush=True)
    time.sleep(600 if code == "waits" else 0)
except KeyboardInterrupt:
    print("ended", flush=True)
    sys.exit(1)
print("error: line.tex.j2:3: no number", file=sys.stderr) if code == "fails" else print("built")
sys.exit(code == "fails")
"""
LINES = """to do: 2 jobs; 8 to 73 s
audit: report/problems/toy.tex.j2 changed; set aside: toy/write
error: toy/write: report/problems/toy.tex.j2:3: no number 'plain.eror' in numbers.json.
[0/2]    failed  toy/write
  Rule 'summarize' makes it.
not built: toy, as these sections failed: toy"""


@pytest.fixture
def builds(tmp_path, monkeypatch):
    """Builds by a program that does as the file `code` says."""
    (tmp_path / "build.py").write_text(BUILD)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(running, "COMMAND", (sys.executable, "build.py"))
    builds = Builds(["build", "toy"])
    yield builds
    builds.end()


def test_a_build_starts_before_it_is_wanted_and_reads_what_is_there_when_it_is(builds, tmp_path):
    heard = []
    (tmp_path / "code").write_text("works")
    waiting = builds.next.pid
    assert builds.run(heard.append) == (0, "")
    assert heard == ["words: build toy", "built"]
    assert builds.next.pid != waiting
    (tmp_path / "code").write_text("fails")
    assert builds.run(heard.append) == (1, "error: line.tex.j2:3: no number")


def test_a_build_that_died_while_it_waited_is_started_again(builds, tmp_path):
    (tmp_path / "code").write_text("works")
    builds.end()
    assert builds.run(print) == (0, "")


def test_a_build_that_cannot_start_says_why(builds, tmp_path):
    (tmp_path / "build.py").write_text("raise SystemExit('no module named jinja2')")
    builds.renew()
    for _ in range(2):
        assert builds.run(print) == (1, "no module named jinja2")


def test_a_changed_engine_starts_the_waiting_build_anew(builds):
    first = builds.next
    builds.renew()
    assert first.poll() is not None
    assert builds.next.poll() is None


def test_an_interrupted_build_is_ended_and_heard_to_its_end(builds, tmp_path):
    heard = []
    (tmp_path / "code").write_text("waits")

    def hear(line):
        heard.append(line)
        if line.startswith("words"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        builds.run(hear)
    assert heard == ["words: build toy", "ended"]


def test_a_fault_is_told_from_the_first_error_on_without_the_count_of_jobs():
    assert fault(LINES.splitlines()).splitlines() == [
        "error: toy/write: report/problems/toy.tex.j2:3: no number 'plain.eror' in numbers.json.",
        "  Rule 'summarize' makes it.",
        "not built: toy, as these sections failed: toy",
    ]


def test_a_build_that_fails_without_an_error_of_ours_is_told_whole():
    assert (
        fault(["Traceback (most recent call last):", "MemoryError"])
        == "Traceback (most recent call last):\nMemoryError"
    )
