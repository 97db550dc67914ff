import json
from pathlib import Path

import pytest

from reprose.config import reading
from reprose.commands.forecast import history
from reprose.commands.forecast.dependencies import downstream, needs
from reprose.commands.forecast.duration import cores_here, forecast, invocations, scheduled
from reprose.commands.forecast.history import Cost, History, run_record
from reprose.jobs.description import Jobs
from reprose.config.experiments import expand

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def jobs():
    return Jobs(expand(reading.load(ROOT / "config.yaml"), "sample"), ROOT)


def first(jobs, rule, problem="cifar"):
    """Return the first job of a rule and a problem."""
    return next(job for job in jobs.all if job.rule == rule and job.wildcards.get("problem") == problem)


def test_a_job_is_expected_to_take_what_it_took(jobs):
    job = first(jobs, "choose")
    known = {job.name: Cost(3.0, 4e8, 1), "cifar/other/choose": Cost(50.0, 1e9, 1)}
    assert History({"sample": known}).expect(jobs, job) == Cost(3.0, 4e8, 1)


def test_a_job_that_never_ran_is_expected_to_be_like_others_of_its_problem_by_the_run(jobs):
    job = first(jobs, "train")
    runs = history.training_runs(jobs.key_of(job))
    known = {"cifar/a/x_1_1/train": Cost(2.0, 1e8, 1), "cifar/b/x_1_1/train": Cost(12.0, 3e8, 3)}
    known["student/a/x_1_1/train"] = Cost(1000.0, 1e9, 1)
    assert History({"sample": known}).expect(jobs, job) == Cost(3.0 * runs, 2e8, runs)
    assert History({"sample": {"student/a/x_1_1/train": Cost(7.0, 1e9, 1)}}).expect(jobs, job).seconds == 7.0 * runs
    assert History({"real": known}).expect(jobs, job) is None


def test_a_damaged_or_missing_history_is_an_empty_one_and_a_written_one_comes_back(jobs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    history.HISTORY.parent.mkdir()
    for text in ("", "[]", '{"jobs": {"sample": {"a": [1]}}, "builds": []}'):
        history.HISTORY.write_text(text)
        assert History.read(jobs) == History({"sample": {}})
    job = first(jobs, "choose")
    run_record(job).parent.mkdir(parents=True)
    run_record(job).write_text(json.dumps({"seconds": 2.0, "peak_memory_bytes": 5}))
    made = History.read(jobs)  # what lies there counts, too
    assert made.jobs == {"sample": {job.name: Cost(2.0, 5, 1)}}
    made.builds.append([3.0, 4.0, 9.0])
    made.write()
    run_record(job).unlink()
    assert History.read(jobs) == made


def test_the_overhead_of_builds_is_learned(jobs):
    builds = [[invocations, jobs, 2 * invocations + 0.25 * jobs] for invocations, jobs in ((3, 10), (7, 300), (5, 60))]
    assert History(builds=builds * 6).overhead() == pytest.approx((2.0, 0.25), rel=0.1)


def test_jobs_wait_for_a_core_for_what_they_need_and_for_the_wave_before(jobs):
    needed = needs(jobs)
    names = ["fetch", "prepare", "train", "choose"]
    chain = {next(job.provenance for job in jobs.all if job.rule == rule): 10.0 for rule in names}
    assert scheduled(jobs, chain, needed, 8) == 40.0
    fetches = {job.provenance: 10.0 for job in jobs.all if job.rule == "fetch"}
    assert scheduled(jobs, fetches, needed, 2) == 10.0 * -(-len(fetches) // 2)
    assert scheduled(jobs, fetches, needed, len(fetches)) == 10.0
    assert invocations(jobs, chain) > 3


def test_a_forecast_counts_what_it_cannot_know(jobs):
    job, other = first(jobs, "choose"), first(jobs, "plot")
    made = forecast(History({"sample": {job.name: Cost(3.0, 4e8, 1)}}), jobs, [job, other], needs(jobs), 2)
    assert (made.jobs, made.unknown, made.work, made.largest) == (2, 1, 3.0, 4e8)
    assert "nothing like 1 of the jobs" in str(made)
    assert str(forecast(History(), jobs, [job], needs(jobs), 2)).startswith("unknown")


def test_cores_are_those_of_the_options():
    assert cores_here(["--cores", "3"], 1) == cores_here(["--cores=3"], 1) == 3
    assert cores_here(["--cores", "8"], 4) == 2
    assert cores_here([], 10**6) == 1


def test_whatever_a_job_reads_it_needs(jobs):
    needed = needs(jobs)
    order = {job.provenance: number for number, job in enumerate(jobs.all)}
    assert all(order[source] < order[record] for record, sources in needed.items() for source in sources)
    fetched = next(job for job in jobs.all if job.rule == "fetch" and job.wildcards["dataset"] == "eedi")
    follow = downstream(needed, [fetched.provenance])
    assert {job.provenance for job in jobs.behind(["student"]) if job.rule != "fetch"} <= follow
    assert first(jobs, "train").provenance not in follow
