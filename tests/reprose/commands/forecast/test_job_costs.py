import json
from pathlib import Path

import pytest

from reprose.commands.forecast import job_costs
from reprose.commands.forecast.job_costs import Cost, History
from reprose.jobs.job import Job


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    job_costs.HISTORY.parent.mkdir()


def training(problem, variant, runs):
    """Return a job that trains so many runs."""
    wildcards = {"tier": "sample", "problem": problem, "variant": variant, "batch": "x_1_1"}
    settings = {"trials": [["a", {}]], "seeds": list(range(runs))}
    return Job("train", wildcards, {}, {"provenance": f"{problem}/provenance.json"}, settings, (), ())


def test_a_job_is_expected_to_take_what_it_took():
    known = {"toy/a/x_1_1/train": Cost(3.0, 4e8, 2), "toy/b/x_1_1/train": Cost(50.0, 1e9, 1)}
    assert History("sample", known).expect(training("toy", "a", 2)) == Cost(3.0, 4e8, 2)


def test_a_training_that_has_more_runs_than_last_time_is_expected_to_take_longer():
    known = {"toy/a/x_1_1/train": Cost(3.0, 4e8, 1)}
    assert History("sample", known).expect(training("toy", "a", 4)).seconds == 12.0


def test_a_job_that_never_ran_is_expected_to_be_like_others_of_its_problem_by_the_run():
    known = {"toy/a/x_1_1/train": Cost(2.0, 1e8, 1), "toy/b/x_1_1/train": Cost(12.0, 3e8, 3)}
    known["other/a/x_1_1/train"] = Cost(1000.0, 1e9, 1)
    assert History("sample", known).expect(training("toy", "new", 5)) == Cost(15.0, 2e8, 5)
    assert History("sample", known).expect(training("third", "new", 5)) is None


def test_all_known_jobs_are_looked_at_once_for_all_that_never_ran():
    looks = []

    class Known(dict):
        def items(self):
            looks.append("items")
            return super().items()

        def __iter__(self):
            looks.append("names")
            return super().__iter__()

    history = History("sample", Known({f"toy/{n}/x_1_1/train": Cost(2.0, 1e8, 1) for n in range(5)}))
    for number in range(50):
        assert history.expect(training("toy", f"new{number}", 3)).seconds == 6.0
    assert len(looks) == 1


def test_what_is_learned_later_counts_for_jobs_that_never_ran():
    history = History("sample", {"toy/a/x_1_1/train": Cost(2.0, 1e8, 1)})
    assert history.expect(training("toy", "new", 1)).seconds == 2.0
    history.learn(training("toy", "b", 1), 4.0)
    assert history.expect(training("toy", "new", 1)).seconds == 3.0


def test_what_is_written_comes_back_and_other_tiers_stay():
    made = History("sample", {"toy/a/x_1_1/train": Cost(2.0, 5.0, 1)}, [(3.0, 4.0)])
    made.write()
    History("real").write()
    assert History.read("sample") == made
    assert History.read("real") == History("real")


def test_only_the_last_builds_are_kept():
    History("sample", builds=[(1.0, float(n)) for n in range(100)]).write()
    assert History.read("sample").builds[0] == (1.0, 80.0)


@pytest.mark.parametrize(
    "text", ["", "[]", "3", '{"sample": {"jobs": {"a": [1]}, "builds": []}}', '{"sample": {"jobs": {}, "builds": [1]}}']
)
def test_a_damaged_or_missing_file_is_an_empty_history_and_is_mended(text):
    job_costs.HISTORY.write_text(text)
    made = History.read("sample")
    assert made == History("sample")
    made.write()
    assert json.loads(job_costs.HISTORY.read_text())["sample"] == {"jobs": {}, "builds": []}


def test_the_memory_of_a_job_is_taken_from_its_last_run():
    job = training("toy", "a", 1)
    made = History("sample")
    made.learn(job, 2.5)
    assert made.jobs == {job.name: Cost(2.5, 0.0, 1)}
    Path("toy").mkdir()
    Path(job.run_record).write_text('{"peak_memory_bytes": 7}')
    made.learn(job, 2.5)
    assert made.jobs == {job.name: Cost(2.5, 7.0, 1)}
