"""A build on a terminal, as the front door shows it there."""

import fcntl
import os
import pty
import signal
import subprocess
import termios
from contextlib import suppress
from threading import Timer

import pytest

from reprose.base.messages import harmless
from workflow.processes import steps, wait_for
from workflow.project import HANGS

FIGURES = "scripts/problems/toy/figures.py"
SHOW, HIDE = "\x1b[?25h", "\x1b[?25l"  # the cursor


class Terminal:
    """A terminal of 60 columns on which a project is built."""

    def __init__(self, project):
        self.ours, theirs = pty.openpty()
        variables = {"TERM": "xterm", "COLUMNS": "60", "LINES": "20", "NO_COLOR": "1"}
        self.build = subprocess.Popen(
            project.reprose("build", "--", "--cores", "2"),
            cwd=project.folder,
            env=project.environment(**variables),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(theirs, termios.TIOCSCTTY, 0),  # its keys interrupt
        )
        os.close(theirs)
        self.text = ""

    def read_until(self, words=None):
        """Return all that was shown so far once it contains `words`, or once the build has ended if none are given."""
        watchdog = Timer(HANGS, self.build.kill)
        watchdog.start()
        with suppress(OSError):  # nobody writes any more
            while words is None or words not in self.text:
                self.text += os.read(self.ours, 65536).decode(errors="replace")
        watchdog.cancel()
        assert words is None or words in self.text, self.text
        return self.text

    def to_the_end(self):
        """Return all that was shown, once the build has ended."""
        text = self.read_until()
        self.build.wait(timeout=HANGS)
        os.close(self.ours)
        return text


def test_a_build_is_one_bar_with_what_runs_under_it_and_leaves_what_is_worth_keeping(toy):
    toy.edit(FIGURES, "figsize=(3, 2)", "figsize=(4, 2)")
    text = Terminal(toy).to_the_end()
    assert "toy/plot" in text
    assert "━" in text and "[1/" not in text
    assert text.rindex(SHOW) > text.rindex(HIDE)
    assert "built: results/sample/handouts/toy.pdf" in harmless(text.rpartition(SHOW)[2])
    assert "\x1b[3" not in text  # colours


def test_ctrl_c_removes_the_bar_gives_the_cursor_back_and_leaves_one_line(toy):
    toy.edit(FIGURES, "figure, axes = ", "import time; time.sleep(600)\n    figure, axes = ")
    terminal = Terminal(toy)
    terminal.read_until("toy/plot  ")
    os.write(terminal.ours, b"\x03")
    text = terminal.to_the_end()
    assert terminal.build.returncode == 1
    assert text.rindex(SHOW) > text.rindex(HIDE)
    assert harmless(text.rpartition(SHOW)[2]).strip() == "interrupted; run the same command again to go on"


def test_an_error_that_controls_terminals_is_shown_without_that(toy):
    toy.edit(FIGURES, "figure, axes = ", 'raise ValueError("\\x1b[2J\\x1b[31mcleared")\n    figure, axes = ')
    text = Terminal(toy).to_the_end()
    assert "error: toy/plot: scripts/problems/toy/figures.py:" in harmless(text)
    assert "ValueError: cleared" in text
    assert "\x1b[2J\x1b[31m" not in text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_front_door_alone_ends_its_jobs(toy, number):
    toy.edit("config.yaml", "pause: 0.0", "pause: 600.0")
    build = toy.start()
    wait_for(lambda: steps(toy.folder, "train"), "a training that runs")
    build.send_signal(number)
    text, _ = build.communicate(timeout=HANGS)
    assert build.returncode != 0
    assert "ending the jobs" in text
    assert "Traceback" not in text
    assert not steps(toy.folder, "train")
