import json
from pathlib import Path

import pytest

from reprose.config import reading
from reprose.base.errors import ReproseError
from reprose.jobs.description import Jobs
from reprose.config.experiments import expand

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def jobs():
    return Jobs(expand(reading.load(ROOT / "config.yaml"), "sample"), ROOT)


def test_every_job_has_a_record_and_a_name_of_its_own(jobs):
    assert len({job.provenance for job in jobs.all}) == len({job.name for job in jobs.all}) == len(jobs.all)


def test_keys_are_canonical_json_that_an_argument_can_hold(jobs):
    for job in jobs.all:
        key = jobs.key_of(job)
        assert json.dumps(json.loads(key), sort_keys=True, separators=(",", ":")) == key
        assert len(key) < 128 * 1024


def test_a_training_key_names_values_seeds_threads_versions_and_code(jobs):
    key = json.loads(
        jobs.key("train", tier="sample", problem="multitask", variant="shared_ranking", batch="course_1_4")
    )
    assert key["seeds"] == [1, 2, 3, 4]
    assert key["trials"][0][1]["factorization_weight"] == 0.99
    assert key["compute"] == {"threads": 1, "device": "cpu"}
    assert {"torch", "numpy", "python"} <= key["versions"].keys()
    assert len(key["code"]) == 64


def test_two_swapped_values_give_another_key():
    keys = []
    for rank, hidden in ((32, 64), (64, 32)):
        table = reading.load(ROOT / "config.yaml")
        table["problems"]["multitask"]["hyperparameters"] |= {"rank": rank, "hidden": hidden}
        made = Jobs(expand(table, "real"), ROOT)
        keys.append(made.key("train", tier="real", problem="multitask", variant="shared_ranking", batch="course_1_5"))
    assert keys[0] != keys[1]


def test_the_waves_cover_every_job_once(jobs):
    targets = [job.provenance for wave in jobs.waves() for job in wave]
    assert sorted(targets) == sorted(job.provenance for job in jobs.all)


def test_a_problem_has_the_manifests_of_its_raw_data(jobs):
    assert jobs.manifests(["student"]) == ["data/sample/eedi/manifest.json"]


def test_the_section_key_holds_the_text_of_the_code_that_it_lists(jobs):
    assert json.loads(jobs.key("write", tier="sample", problem="multitask"))["listings"]


def test_a_handout_left_out_leaves_out_its_jobs(jobs):
    name = next(iter(jobs.handouts))
    rest = Jobs(jobs.plan, ROOT, without=jobs.handouts)
    assert rest.all == []
    assert name not in rest.handouts


def test_a_section_without_a_problem_is_an_error_that_lists_the_problems(tmp_path):
    (tmp_path / "report/handouts").mkdir(parents=True)
    (tmp_path / "report/handouts/odd.tex.j2").write_text("%# sections: nothing\n")
    with pytest.raises(ReproseError, match="the section 'nothing' is no problem of config.yaml. Allowed: .*multitask"):
        _ = Jobs(expand(reading.load(ROOT / "config.yaml"), "real"), tmp_path).all
