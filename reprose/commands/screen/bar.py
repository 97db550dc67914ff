"""A build on a terminal: one bar for all its jobs, and under it what runs now; what is worth keeping scrolls above."""

import sys
import time
from collections.abc import Iterator
from typing import Self

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.text import Text

from reprose.base.messages import harmless
from reprose.commands.screen.lines import Lines
from reprose.commands.screen.progress import Progress
from reprose.commands.screen.text import clock
from reprose.steps.epochs import reached

RATE = 4  # pictures a second
LISTED = 12  # running jobs, the rest only counted
BAR = 40  # characters at most
SHORTEST = 8  # characters at least


class Bar(Lines):
    """What a build shows on a terminal."""

    def __init__(self, progress: Progress, console: Console | None = None) -> None:
        super().__init__(progress)
        self.console = console or Console(file=sys.stdout, highlight=False)
        self.live = Live(self, console=self.console, refresh_per_second=RATE, transient=True)
        self.began = time.time()

    def __enter__(self) -> Self:
        """Draw the bar, until it is left; the cursor comes back however that happens."""
        self.live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the bar."""
        self.live.stop()

    def say(self, text: str) -> None:
        """Show lines above the bar."""
        style = "red" if text.startswith("error") else ""
        self.console.print(Text(harmless(text), style=style))

    def interrupted(self) -> None:
        """Show in the bar that the build ends before it is done."""
        self.is_interrupted = True
        self.live.refresh()

    def _count(self, text: str) -> None:
        """Leave the count to the bar."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the bar and the jobs that run now."""
        now = time.time()
        yield self._bar(now, options.max_width)
        height = max(min(LISTED, console.size.height - 3), 1)
        running = sorted(self.progress.running.items(), key=lambda item: item[1])
        rows = running if len(running) <= height else running[: height - 1]
        yield from _jobs(rows, now, options.max_width) if rows else [Text("  looking at what there is to do", "dim")]
        if len(rows) < len(running):
            yield Text(f"  and {len(running) - len(rows)} more", style="dim")

    def _bar(self, now: float, width: int) -> Text:
        progress = self.progress
        words = [progress.count, clock(now - self.began)]
        if progress.failed:
            words.insert(1, f"{len(progress.failed)} failed")
        words.append("interrupted; ending the jobs" if self.is_interrupted else progress.time_left(now))
        text = Text("  ".join(["", *filter(None, words)]), "red" if progress.failed else "")
        line = _line(len(progress.done) / max(len(progress.all), 1), max(min(BAR, width - text.cell_len), SHORTEST))
        line.append_text(text)
        line.truncate(width, overflow="ellipsis")
        return line


def _line(part: float, width: int) -> Text:
    """Return a line of which `part` is drawn as done, also where there is no colour."""
    done = int(part * width)
    return Text.assemble(("━" * done, "green"), ("─" * (width - done), "dim"))


def _jobs(rows: list[tuple[str, float]], now: float, width: int) -> Iterator[Text]:
    """Yield a line for each job that runs now: name, epoch, time. Where there is no room, the name is cut first."""
    told = [
        (Text(name), Text(harmless(reached(name)), "cyan"), Text(clock(now - began), "dim")) for name, began in rows
    ]
    widths = [max(text.cell_len for text in column) for column in zip(*told, strict=True)]
    widths[0] = max(min(widths[0], width - widths[1] - widths[2] - 6), SHORTEST)
    for texts in told:
        for text, room in zip(texts, widths, strict=True):
            text.truncate(room, overflow="ellipsis", pad=True)
        line = Text("  ").join([Text(), *texts])
        line.truncate(width, overflow="ellipsis")
        yield line
