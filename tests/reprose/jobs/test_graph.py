"""The jobs of this project, as a project like any other."""

import json
import re
from pathlib import Path

import pytest

from reprose.base.errors import ReproseError
from reprose.config import reading
from reprose.config.experiments import expand
from reprose.jobs import descriptions
from reprose.jobs.graph import Jobs
from reprose.jobs.rules import jobs_at

ROOT = Path(__file__).resolve().parents[3]


def experiments(tier="sample", **changes):
    """Return what config.yaml asks for, with some hyperparameters of `multitask` changed."""
    table = reading.load(ROOT / "config.yaml")
    table["problems"]["multitask"]["hyperparameters"] |= changes
    return expand(table, tier)


@pytest.fixture(scope="module")
def jobs():
    return Jobs(experiments(), ROOT)


def test_every_job_has_a_record_and_a_name_of_its_own(jobs):
    assert len({job.record for job in jobs.all}) == len({job.name for job in jobs.all}) == len(jobs.all)


def test_the_functions_of_a_problem_are_checked_once_for_all_its_jobs(monkeypatch):
    asked = []
    monkeypatch.setattr(descriptions, "check_entry", asked.append)
    assert len(Jobs(experiments(), ROOT).all) > len(asked) == len(set(asked)) > 0


def test_a_folder_among_the_files_that_code_reads_is_an_error(tmp_path):
    table = reading.load(ROOT / "config.yaml")
    table["datasets"]["ml_100k"]["reads"] = [str(tmp_path)]
    with pytest.raises(ReproseError, match=rf"reads: '{tmp_path}' is a folder, allowed: files"):
        Jobs(expand(table, "sample"), ROOT).job("fetch", dataset="ml_100k")


def test_every_output_leads_to_its_rule_and_every_name_of_a_job_is_known(jobs):
    for job in jobs.all:
        assert jobs.unknown(job.rule, job.wildcards) is None
        for path in job.outputs.values():
            assert (job.rule, dict(job.wildcards)) in jobs_at(path)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("data/sample/ml_10k/manifest.json", r"no dataset 'ml_10k'\. Known: ml_100k, eedi, "),
        ("results/sample/views/curse/train.npz", r"no view 'curse'\. Known: course, honest, "),
        ("results/sample/multitsk/numbers/numbers.json", r"no problem 'multitsk'\. Known: multitask, "),
        ("results/sample/multitask/shared/winner.json", r"no variant 'shared'\. Known: shared_ranking, "),
        ("results/sample/multitask/shared_ranking/all_1_2/metrics.json", r"no batch 'all_1_2'\. Known: \w+_\d+_\d+"),
        ("results/sample/handouts/homework.pdf", r"no handout 'homework'\. Known: homework4, "),
    ],
)
def test_a_name_that_is_none_is_told_with_those_that_there_are(jobs, path, message):
    ((rule, names),) = jobs_at(path)
    assert re.search(message, jobs.unknown(rule, names))


def test_no_two_jobs_write_one_file_and_each_stands_after_those_that_it_needs(jobs):
    makers = {}
    for number, job in enumerate(jobs.all):
        for path in job.outputs.values():
            assert path not in makers
            makers[path] = number
    for number, job in enumerate(jobs.all):
        assert all(makers[path] < number for path in job.paths if path in makers)


def test_every_input_is_made_by_a_job_or_lies_in_the_project(jobs):
    made = {path for job in jobs.all for path in job.outputs.values()}
    lying = {path for job in jobs.all for path in job.paths} - made
    assert all((ROOT / path).is_file() for path in lying)
    assert {path.split("/")[0] for path in lying} == {"report"}


def test_the_test_part_is_read_by_one_rule(jobs):
    readers = {job.rule for job in jobs.all for path in job.paths if path.endswith("/test.npz")}
    assert readers <= {"evaluate", "prepare"}
    for job in jobs.all:
        if job.rule == "prepare":  # a view that is made of another one's parts keeps them apart
            assert not any(path.endswith("/test.npz") for path in job.paths) or job.settings["of"]


def test_a_training_key_names_values_seeds_threads_inputs_versions_and_code(jobs):
    key = jobs.job("train", problem="multitask", variant="shared_ranking", batch="course_1_4").key
    assert key["seeds"] == [1, 2, 3, 4]
    assert key["trials"][0][1]["factorization_weight"] == 0.99
    assert key["compute"] == {"threads": 1, "device": "cpu"}
    assert key["inputs"]["train"] == ["results/sample/views/course/train.npz"]
    assert {"torch", "numpy", "python"} <= key["versions"].keys()
    assert len(key["code"]) == 64


def test_a_key_is_canonical_json_and_names_no_place_of_this_machine(jobs):
    for job in jobs.all:
        text = job.canonical_key
        assert json.dumps(json.loads(text), sort_keys=True, separators=(",", ":")) == text
        assert str(ROOT) not in text


def test_typesetting_depends_on_tex_and_pandoc_and_figures_on_the_fonts(jobs):
    assert {"tex", "pandoc", "poppler"} <= jobs.job("typeset", handout="homework4").key["versions"].keys()
    assert "fonts" in jobs.job("plot", problem="multitask").key


def test_two_swapped_values_give_another_key():
    named = {"problem": "multitask", "variant": "shared_ranking", "batch": "course_1_5"}
    digests = {
        Jobs(experiments("real", rank=rank, hidden=hidden), ROOT).job("train", **named).digest
        for rank, hidden in ((32, 64), (64, 32))
    }
    assert len(digests) == 2


def test_the_view_of_a_variant_is_in_the_keys_of_its_jobs():
    table = reading.load(ROOT / "config.yaml")
    plain = Jobs(expand(table, "sample"), ROOT)
    table["problems"]["multitask"]["variants"]["shared_ranking"]["view"] = "honest"
    moved = Jobs(expand(table, "sample"), ROOT)
    named = {"problem": "multitask", "variant": "shared_ranking", "batch": "course_1_4"}
    assert plain.job("train", **named).digest != moved.job("train", **named).digest


def test_what_later_jobs_expect_of_a_training_goes_with_it_and_is_no_part_of_its_key():
    table = reading.load(ROOT / "config.yaml")
    named = {"problem": "multitask", "variant": "shared_ranking", "batch": "course_1_4"}
    before = Jobs(expand(table, "sample"), ROOT).job("train", **named)
    table["problems"]["multitask"]["select"] = {"metric": "another", "better": "lower"}
    after = Jobs(expand(table, "sample"), ROOT).job("train", **named)
    assert (after.digest, after.expected) == (before.digest, {"metric": "another", "tested": False})


def test_files_and_variables_that_config_names_are_inputs_and_part_of_the_key(monkeypatch):
    table = reading.load(ROOT / "config.yaml")
    table["problems"]["multitask"] |= {"reads": ["LICENSE"], "environment": ["MULTITASK_SCALE"]}
    digests = set()
    for value in ("1", "2"):
        monkeypatch.setenv("MULTITASK_SCALE", value)
        job = Jobs(expand(table, "sample"), ROOT).job("summarize", problem="multitask")
        assert job.key["environment"] == {"MULTITASK_SCALE": value}
        assert "LICENSE" in job.paths
        digests.add(job.digest)
    assert len(digests) == 2


def test_the_waves_cover_every_job_once_and_none_needs_a_later_one(jobs):
    waves = [[job.record for job in wave] for wave in jobs.waves()]
    assert sorted(record for wave in waves for record in wave) == sorted(job.record for job in jobs.all)
    place = {record: number for number, wave in enumerate(waves) for record in wave}
    assert all(place[needed] <= place[record] for record, many in jobs.needs.items() for needed in many)


def test_what_lies_downstream_of_raw_data_is_found(jobs):
    (fetch,) = (job for job in jobs.all if job.rule == "fetch" and job.wildcards["dataset"] == "eedi")
    found = jobs.downstream([fetch.record])
    assert "results/sample/student/numbers/provenance.json" in found
    assert "results/sample/multitask/numbers/provenance.json" not in found
    assert fetch.record in jobs.upstream(["results/sample/student/section/provenance.json"])


def test_the_section_key_holds_the_text_of_the_code_that_it_lists(jobs):
    (text, *_) = jobs.job("write", problem="multitask").settings["listings"].values()
    assert text.startswith(("def ", "class ", "@"))


def test_a_handout_left_out_leaves_out_its_jobs(jobs):
    assert Jobs(jobs.experiments, ROOT, without=jobs.handouts).all == []
    rest = Jobs(jobs.experiments, ROOT, without=["homework4"])
    assert {job.wildcards.get("problem") for job in rest.all} - {None} == {"multitask", "student"}


def test_a_draft_lies_apart_and_its_key_says_what_is_missing(jobs):
    gap = {"heading": "A4", "job": "data/cifar10/fetch", "log": "x", "reason": "no data"}
    draft = Jobs(jobs.experiments, ROOT, missing={"cifar": gap}).job("typeset", handout="homework4")
    assert draft.outputs["pdf"] == "results/sample/drafts/homework4.pdf"
    assert draft.key["missing"] == {"cifar": gap}
    assert "results/sample/cifar/section/section.tex" not in draft.paths


def test_a_section_without_a_problem_is_an_error_that_lists_the_problems(tmp_path):
    (tmp_path / "report/handouts").mkdir(parents=True)
    (tmp_path / "report/handouts/odd.tex.j2").write_text("%# sections: nothing\n")
    with pytest.raises(ReproseError, match="the section 'nothing' is no problem of config.yaml. Allowed: .*multitask"):
        _ = Jobs(experiments("real"), tmp_path).all


def test_a_split_of_the_engine_serves_a_published_data_set_too():
    table = reading.load(ROOT / "config.yaml")
    shares = {"seed": 1, "validation": 0.1, "test": 0.1}
    table["views"]["course"] |= {"split": "random_split", "values": shares}
    jobs = Jobs(expand(table, "sample"), ROOT)
    job = jobs.job("prepare", view="course")
    assert job.settings["defaults"] == ["random_split"]
    assert "reprose.data.tables:random_split" in job.entries
    assert "defaults" not in jobs.job("prepare", view="honest").settings
