import io
import json
import time

import pytest
from rich.console import Console

from reprose.commands.screen.bar import Bar
from reprose.commands.screen.lines import Lines
from reprose.commands.screen.progress import Progress
from reprose.commands.screen.terminal import can_move, opened
from reprose.steps import epochs

NAMES = [f"toy/variant/first_{number}_{number}/train" for number in range(20)]


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def bar(width=100, height=30, left="", **options):
    """Return a bar on a made-up terminal."""
    console = Console(file=io.StringIO(), force_terminal=True, width=width, height=height, highlight=False, **options)
    return Bar(Progress(NAMES, lambda done, running: left), console)


def picture(screen):
    """Return the lines of what the bar shows now."""
    with screen.console.capture() as captured:
        screen.console.print(screen)
    return captured.get().splitlines()


def begin(screen, count, ago=5.0):
    for name in NAMES[:count]:
        screen.started(name, time.time() - ago)


def test_the_bar_counts_and_what_runs_stands_under_it_with_its_epoch():
    screen = bar(left="2 to 5 min left", color_system=None)
    begin(screen, 3)
    screen.finished(NAMES[0], time.time())
    epochs.place(NAMES[1]).parent.mkdir(parents=True)
    epochs.place(NAMES[1]).write_text(json.dumps(["rate=0.1/2", 3, 20]))
    first, second, third = picture(screen)
    assert first.split()[-7:] == ["1/20", "0:00", "2", "to", "5", "min", "left"]
    assert second.split() == [NAMES[1], "rate=0.1/2:", "epoch", "3", "of", "20", "0:05"]
    assert third.split() == [NAMES[2], "0:05"]


@pytest.mark.parametrize("width", [20, 60, 100])
def test_no_line_is_wider_than_the_terminal_and_the_count_is_seen(width):
    screen = bar(width, left="2 h 10 min to 5 h left", color_system=None)
    begin(screen, 3)
    shown = picture(screen)
    assert max(map(len, shown)) <= width
    assert len(shown) == 4
    assert "0/20" in shown[0]
    assert all(line.endswith("0:05") for line in shown[1:])


def test_of_more_jobs_than_there_is_room_for_the_rest_is_counted():
    screen = bar(height=8, color_system=None)
    begin(screen, 20)
    shown = picture(screen)
    assert len(shown) <= 8 - 1
    assert shown[-1] == "  and 16 more"


def test_without_colour_nothing_is_coloured(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    screen = bar(color_system="standard")
    begin(screen, 1)
    screen.failed(NAMES[0])
    assert "\x1b[3" not in "\n".join(picture(screen))


def test_the_cursor_comes_back_however_the_bar_is_left():
    for reason in (None, KeyboardInterrupt, SystemExit):
        screen = bar()
        try:
            with screen:
                begin(screen, 2)
                if reason:
                    raise reason
        except BaseException as error:
            assert type(error) is reason
        written = screen.console.file.getvalue()
        assert written.rindex("\x1b[?25h") > written.rindex("\x1b[?25l")


def test_what_is_said_scrolls_above_the_bar_without_what_would_break_it():
    screen = bar(color_system=None)
    with screen:
        screen.say("a warning of [bold]a library[/bold]\x1b[2J\x1b[31m")
    written = screen.console.file.getvalue()
    assert "a warning of [bold]a library[/bold]\n" in written
    assert "\x1b[2J" not in written
    assert "\x1b[31m" not in written


def test_an_interruption_is_seen_at_once():
    screen = bar(color_system=None)
    screen.interrupted()
    assert "interrupted; ending the jobs" in picture(screen)[0]


def test_elsewhere_than_on_a_terminal_there_are_lines_with_a_count(capsys):
    screen = opened(Progress(NAMES))
    assert type(screen) is Lines
    with screen:
        screen.started(NAMES[0], 1.0)
        screen.finished(NAMES[0], 3.34)
        screen.started(NAMES[1], 1.0)
        screen.failed(NAMES[1])
        screen.settle(NAMES[:8])
        screen.settle(NAMES[:9])
    assert capsys.readouterr().out.splitlines() == [
        f"[1/20]      2.3 s  {NAMES[0]}",
        f"[1/20]     failed  {NAMES[1]}",
        "[8/20]             7 more are as before and need not run",
        "[9/20]             1 more is as before and need not run",
    ]


@pytest.mark.parametrize(
    ("term", "encoding", "moves"),
    [("xterm", "utf-8", True), ("xterm", "iso8859-1", False), ("dumb", "utf-8", False), (None, "utf-8", False)],
)
def test_a_terminal_that_cannot_move_the_cursor_or_lacks_the_signs_gets_lines(monkeypatch, term, encoding, moves):
    terminal = io.TextIOWrapper(io.BytesIO(), encoding)
    terminal.isatty = lambda: True
    monkeypatch.setattr("sys.stdout", terminal)
    monkeypatch.delenv("TERM", raising=False)
    if term:
        monkeypatch.setenv("TERM", term)
    assert can_move() is moves
