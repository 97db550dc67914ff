import os

import pytest

from reprose.jobs.audit import Audit, Digests, report, sweep
from reprose.base.canonical import file_digest, to_json
from reprose.jobs.record import STALE, Record

KEY = {"rule": "choose", "rate": 1}


@pytest.fixture
def job(tmp_path):
    """A finished job: one input, one output, one record."""
    given, made, record = tmp_path / "in.txt", tmp_path / "out.txt", tmp_path / "provenance.json"
    given.write_text("given")
    made.write_text("made")
    Record("job", KEY, {str(given): file_digest(given)}, {str(made): file_digest(made)}).write(record)
    return given, made, record


def check(job, tmp_path, key=KEY, act=True):
    _, made, record = job
    return Audit(Digests(tmp_path / "cache/digests.json"), act).check(record, to_json(key), [made, record])


def test_files_that_agree_with_their_record_stay(job, tmp_path):
    assert check(job, tmp_path) is None
    assert job[1].exists()


@pytest.mark.parametrize("text", ["", "mad", "made!"])
def test_an_output_with_other_bytes_is_deleted_with_its_record(job, tmp_path, text):
    job[1].write_text(text)
    assert "is not what the job wrote; deleted" in check(job, tmp_path)
    assert not job[1].exists()
    assert not job[2].exists()


def test_bytes_changed_behind_an_old_time_stamp_of_another_size_are_found(job, tmp_path):
    before = job[1].stat()
    job[1].write_text("longer than before")
    os.utime(job[1], ns=(before.st_atime_ns, before.st_mtime_ns))
    assert "deleted" in check(job, tmp_path)


def test_an_output_without_a_record_is_deleted(job, tmp_path):
    job[2].unlink()
    assert "the record is missing; deleted" in check(job, tmp_path)
    assert not job[1].exists()


def test_a_damaged_record_is_deleted_with_its_outputs(job, tmp_path):
    job[2].write_text(job[2].read_text()[:40])
    assert "the record is damaged; deleted" in check(job, tmp_path)
    assert not job[1].exists()


def test_outputs_of_another_key_are_set_aside(job, tmp_path):
    assert "made with another key; set aside" in check(job, tmp_path, key={"rate": 2})
    assert not job[1].exists()
    assert (tmp_path / STALE / "out.txt").read_text() == "made"


def test_outputs_of_another_input_are_set_aside(job, tmp_path):
    job[0].write_text("other")
    assert "in.txt changed since; set aside" in check(job, tmp_path)
    assert not job[1].exists()


def test_an_undone_edit_brings_the_outputs_back(job, tmp_path):
    check(job, tmp_path, key={"rate": 2})
    assert "an edit was undone" in check(job, tmp_path)
    assert job[1].read_text() == "made"
    assert check(job, tmp_path) is None


def test_what_was_set_aside_and_then_damaged_does_not_come_back(job, tmp_path):
    check(job, tmp_path, key={"rate": 2})
    (tmp_path / STALE / "out.txt").write_text("damaged")
    assert check(job, tmp_path) is None
    assert not job[1].exists()


def test_a_record_that_does_not_list_an_output_is_deleted_with_it(job, tmp_path):
    Record("job", KEY, {}, {}).write(job[2])
    assert check(job, tmp_path) == "the record is incomplete; deleted"
    assert not job[1].exists()
    assert not job[2].exists()


@pytest.mark.parametrize("text", ["", "[]", '"cut', '{"a": 1}', "[[1, 2, 3]]"])
def test_a_damaged_memory_of_digests_counts_as_none(job, tmp_path, text):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache/digests.json").write_text(text)
    assert check(job, tmp_path) is None


def test_a_look_changes_nothing(job, tmp_path):
    job[1].write_text("")
    assert "deleted" in check(job, tmp_path, act=False)
    assert job[1].exists()


def test_temporary_files_of_killed_steps_are_swept_away(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/.new.17.weights.npz").write_text("half")
    (tmp_path / "deep/.new.17.folder").mkdir()
    (tmp_path / "deep/.new.17.folder/.new.half").write_text("half")
    (tmp_path / "deep/weights.npz").write_text("whole")
    sweep([tmp_path])
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["weights.npz"]


def test_jobs_with_one_finding_share_a_line(capsys):
    report([(f"job{number}", "made with another key; set aside") for number in range(5)] + [("x", "other")], act=True)
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["audit: made with another key; set aside: job0, job1, job2 and 2 more", "audit: other: x"]
