"""How long a job will take, measured at its start and told to the person who waits; never part of a result."""

import time
from collections.abc import Callable

from reprose.base.messages import say

WORTH_TELLING = 10.0  # seconds: nothing is said about less


def measure(work: Callable[[], object], times: int = 2) -> float:
    """Return the seconds that `work` takes, the mean of `times` calls after one that is not counted."""
    work()
    started = time.monotonic()
    for _ in range(times):
        work()
    return (time.monotonic() - started) / times


def announce(what: str, count: int, unit: str, seconds: float, note: str = "") -> None:
    """Say how long `count` things will take at so many `seconds` each, as measured on this machine just now."""
    if count * seconds >= WORTH_TELLING:
        rate = f"{count:,} {unit} at {_rate(1 / seconds)} a second, measured here just now"
        say(f"{what}: about {duration(count * seconds)} ({rate}){note}")


def duration(seconds: float) -> str:
    """Return a time in words, to two figures: "8 s", "14 min", "3 h 20 min"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60 // 10 * 10} min"


def _rate(value: float) -> str:
    """Return a rate to about two figures."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"
