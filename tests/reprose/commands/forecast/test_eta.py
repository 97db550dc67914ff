import random
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from reprose.commands.forecast.eta import START, Eta, Range, cores_here, factors
from reprose.commands.forecast.job_costs import Cost, History


@dataclass(frozen=True)
class Named:
    """A job of which only the name matters."""

    name: str
    rule: str = "plot"

    @property
    def record(self):
        return self.name


A, B, C, D = map(Named, "abcd")
STEADY = [(20.0, 20.0), (20.0, 20.0)]


def eta(must, may=(), needs=None, waves=((A, B, C, D),), cores=2, builds=(), **seconds):
    """Return what is expected of a build of jobs that took so many seconds."""
    every = [job for wave in waves for job in wave]
    jobs = SimpleNamespace(all=every, needs={job.name: (needs or {}).get(job.name, []) for job in every})
    jobs.waves = lambda: iter(waves)
    known = {name: Cost(took, 1e9, 1) for name, took in seconds.items()}
    return Eta(jobs, must, may, History("sample", known, list(builds)), cores)


def test_jobs_wait_for_a_core():
    assert eta([A, B, C], a=10, b=10, c=10).expected("abc") == START + 20
    assert eta([A, B, C], a=10, b=10, c=10, cores=3).expected("abc") == START + 10


def test_jobs_wait_for_what_they_read():
    assert eta([A, B], needs={"b": ["a"]}, a=10, b=10).expected("ab") == START + 20


def test_jobs_wait_for_the_wave_before_and_each_wave_costs_a_start():
    assert eta([A, B], waves=((A,), (B,), (C,)), a=10, b=10).expected("ab") == 2 * START + 20


def test_of_a_job_that_runs_only_the_rest_is_expected_and_never_less_than_nothing():
    made = eta([A, B], needs={"b": ["a"]}, a=10, b=10)
    assert made.expected("ab", {"a": 4.0}) == 16
    assert made.expected("ab", {"a": 40.0}) == 10


def test_nothing_is_foretold_before_two_builds_of_about_this_size():
    assert eta([A], a=10).left() is None
    assert eta([A], a=10, builds=[(14.0, 14.0)]).left() is None
    assert eta([A], a=10, builds=[(14.0, 14.0), (1000.0, 900.0)]).left() is None
    assert eta([A], a=10, builds=[(14.0, 14.0), (100.0, 90.0)]).left() is not None


def test_nothing_is_foretold_of_a_job_like_which_none_has_run():
    assert eta([A, B], a=10, builds=STEADY).left() is None
    assert eta([A], [B], a=10, builds=STEADY).left() is None


def test_nothing_is_foretold_where_past_builds_differ_too_much():
    assert eta([A], a=10, builds=[(10.0, 5.0), (10.0, 50.0)]).left() is None


def test_the_range_spans_from_the_jobs_that_must_run_to_those_that_may():
    sure = eta([A], a=10, b=50, builds=STEADY).left()
    perhaps = eta([A], [B], needs={"b": ["a"]}, a=10, b=50, builds=STEADY).left()
    assert perhaps.low == sure.low
    assert perhaps.high > sure.high + 40


def test_what_is_done_is_not_left():
    made = eta([A, B], a=10, b=10, cores=1, builds=STEADY)
    assert made.left({"a"}).high < made.left().high


def test_builds_that_took_twice_what_was_expected_correct_the_next():
    low, high = factors([(20.0, 40.0)] * 5, 20.0)
    assert low < 2 < high
    assert high / low < 1.5


@pytest.mark.parametrize("builds", [2, 3, 5, 10, 20])
def test_at_least_three_of_four_builds_end_in_the_range_that_was_foretold(builds):
    chance = random.Random(1)
    told = right = 0
    for _ in range(2000):
        ratios = [chance.lognormvariate(0.3, 0.2) for _ in range(builds + 1)]
        if found := factors([(10.0, 10.0 * ratio) for ratio in ratios[:-1]], 10.0):
            told += 1
            right += found[0] <= ratios[-1] <= found[1]
    assert told > 1000
    assert right / told > 0.75


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (8, 20, "8 to 20 s"),
        (130, 320, "2 to 5 min"),
        (40, 200, "40 s to 3 min"),
        (3600, 9000, "60 min to 2 h 30 min"),
        (9000, 20000, "2 h 30 min to 5 h 30 min"),
        (100, 110, "about 2 min"),
        (0, 0.2, "about 1 s"),
    ],
)
def test_a_range_in_words(low, high, words):
    assert str(Range(low, high)) == words


def test_cores_are_those_of_the_options():
    assert cores_here(["--cores", "3"], 1) == cores_here(["--cores=3"], 1) == 3
    assert cores_here(["--cores", "8"], 4) == 2
    assert cores_here([], 10**6) == 1
