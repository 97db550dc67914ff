"""A build where nothing can move, as in a pipe or a log: one line for each job that ended, with a count."""

from typing import Self

from reprose.base.messages import harmless
from reprose.commands.screen.progress import Progress


class Lines:
    """What a build shows, in plain lines. `Bar` shows the same on a terminal."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.is_interrupted = False
        self.told_of_prints = False  # whether the person knows where the prints of a job stand

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """End."""

    def say(self, text: str) -> None:
        """Show lines that are worth keeping."""
        print(harmless(text), flush=True)

    def started(self, name: str, now: float) -> None:
        """Show that a job runs."""
        self.progress.started(name, now)

    def finished(self, name: str, now: float) -> None:
        """Show that a job ended well."""
        seconds = self.progress.finished(name, now)
        self._count(f"{seconds:7.1f} s  {name}")

    def failed(self, name: str) -> None:
        """Show that a job failed; why, the step itself or a diagnosis tells."""
        self.progress.ended_ill(name)
        self._count(f"   failed  {name}")

    def settle(self, at_hand: list[str]) -> None:
        """Show that the results of these jobs are at hand."""
        if needless := self.progress.settle(at_hand):
            self._count(f"           {needless} more {'is' if needless == 1 else 'are'} as before and need not run")

    def interrupted(self) -> None:
        """Show that the build ends before it is done."""
        self.is_interrupted = True
        self.say("interrupted; ending the jobs")

    def _count(self, text: str) -> None:
        count = f"[{self.progress.count}]"
        width = 2 * len(str(len(self.progress.all))) + 3
        self.say(f"{count:<{width}} {text}")
