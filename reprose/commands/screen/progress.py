"""How far a build has come, over all its invocations of Snakemake."""

from collections.abc import Callable, Iterable, Mapping

TimeLeft = Callable[[set[str], Mapping[str, float]], str]  # jobs done, seconds that others run -> words, or nothing


class Progress:
    """The jobs of one build by name: those that it may run, and of them those that are done, run now, or failed."""

    def __init__(self, names: Iterable[str], time_left: TimeLeft = lambda done, running: "") -> None:
        self.all = dict.fromkeys(names)
        self.done: set[str] = set()
        self.running: dict[str, float] = {}  # name -> time when it began, in seconds of the system's clock
        self.failed: set[str] = set()
        self.took: dict[str, float] = {}  # name -> seconds, of jobs that ran and ended well
        self._time_left = time_left

    def started(self, name: str, now: float) -> None:
        """Note that a job runs, also one of which nobody knew before."""
        self.all.setdefault(name)
        self.done.discard(name)
        self.failed.discard(name)
        self.running[name] = now

    def finished(self, name: str, now: float) -> float:
        """Note that a job ended well; return its seconds."""
        self.took[name] = now - self.running.pop(name, now)
        self.done.add(name)
        return self.took[name]

    def ended_ill(self, name: str) -> None:
        """Note that a job failed, which may be tried again."""
        self.running.pop(name, None)
        self.failed.add(name)

    def settle(self, at_hand: Iterable[str]) -> int:
        """Count the jobs whose results are at hand as done, as nothing runs now; return how many needed not run."""
        self.running.clear()
        needless = self.all.keys() & set(at_hand) - self.done
        self.done |= needless
        return len(needless)

    def time_left(self, now: float) -> str:
        """Return how long the rest will take, in words; nothing where that is not known."""
        return self._time_left(self.done, {name: now - began for name, began in self.running.items()})

    @property
    def count(self) -> str:
        """Return how many jobs are done, of all: "41/331"."""
        return f"{len(self.done)}/{len(self.all)}"
