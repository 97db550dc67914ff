from pathlib import Path

import pytest

from made_up_jobs import job
from reprose.commands.build import joined


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def wave(*datasets, ran=(), aside=()):
    """Return made-up jobs; of some a record is there, of others it was set aside."""
    jobs = [job(name) for name in datasets]
    for made in jobs:
        record = Path(made.record)
        for known, path in ((ran, record), (aside, record.parent / ".stale" / record.name)):
            if made.wildcards["problem"] in known:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
    return jobs


def test_where_nothing_has_run_there_is_one_wave():
    waves = [wave("a"), wave("b", "c"), wave("d")]
    assert joined(waves) == [[*waves[0], *waves[1], *waves[2]]]


def test_a_wave_with_a_job_that_has_run_waits_for_the_one_before():
    waves = [wave("a"), wave("b", "c", ran="c"), wave("d"), wave("e", aside="e")]
    assert joined(waves) == [waves[0], [*waves[1], *waves[2]], waves[3]]


def test_the_first_wave_is_one_of_its_own_if_all_others_have_run():
    waves = [wave("a"), wave("b", ran="b")]
    assert joined(waves) == waves
