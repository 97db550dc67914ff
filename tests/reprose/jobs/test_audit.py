import os
import time
from pathlib import Path

import pytest

from made_up_jobs import Memory, assess, audited, changed, job, ran, states
from reprose.base.errors import ReproseError
from reprose.commands.forecast.reasons import why
from reprose.jobs import assessment
from reprose.jobs.assessment import ABSENT, BACK, DAMAGED, STALE_STATE, UNSURE, VALID
from reprose.jobs.audit import report
from reprose.jobs.record import Record, aside, read_record


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("in.txt").write_text("given")


@pytest.fixture
def first():
    """A finished job that reads a file."""
    made = job("first", ["in.txt"])
    ran(made)
    return made


@pytest.fixture
def second(first):
    """A finished job that reads what the first one wrote."""
    made = job("second", ["first/out.txt"])
    ran(made)
    return made


def test_results_that_agree_with_their_description_stay(first):
    assert states(first) == [VALID]
    audited(first)
    assert Path("first/out.txt").exists()


def test_what_was_set_aside_is_not_looked_for_where_results_agree(first, monkeypatch):
    monkeypatch.setattr(assessment, "aside", lambda path: pytest.fail(f"{path} is looked for"))
    assert states(first) == [VALID]


def test_a_job_that_never_ran_must_run(first):
    other = job("other")
    found = assess(first, other)
    assert found.must == [other]
    assert found.findings[other.record].faults == ("never built",)


@pytest.mark.parametrize("text", ["", "mad", "made!"])
def test_an_output_with_other_bytes_is_deleted_with_its_record(first, text):
    Path("first/out.txt").write_text(text)
    assert states(first) == [DAMAGED]
    audited(first)
    assert list(Path("first").glob("*")) == []


@pytest.mark.parametrize("text", ["longer than before", "edit"])
def test_bytes_changed_behind_old_times_and_an_old_size_are_found(first, text):
    path = Path("first/out.txt")
    found = assess(first)
    found.digests.save()
    before = path.stat()
    path.write_text(text)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert states(first) == [DAMAGED]


def test_an_output_without_a_record_is_deleted(first):
    Path(first.record).unlink()
    audited(first)
    assert not Path("first/out.txt").exists()


@pytest.mark.parametrize("cut", [0, 40])
def test_a_damaged_record_is_deleted_with_its_outputs(first, cut):
    Path(first.record).write_text(Path(first.record).read_text()[:cut])
    assert assess(first).findings[first.record].faults == ("its record is damaged",)
    audited(first)
    assert not Path("first/out.txt").exists()


def test_a_record_that_does_not_list_an_output_is_deleted_with_it(first):
    Record(first.name, first.key, {}, {}).write(Path(first.record))
    audited(first)
    assert not Path("first/out.txt").exists()


def test_a_record_that_lists_other_inputs_than_the_job_has_today_counts_for_nothing(first):
    record = read_record(Path(first.record))
    Record(first.name, record.key, {}, record.outputs).write(Path(first.record))
    assert states(first) == [STALE_STATE]


def test_results_of_another_key_are_set_aside(first):
    audited(changed(first, 2))
    assert not Path("first/out.txt").exists()
    assert aside("first/out.txt").read_text() == "made"


def test_results_of_another_input_are_set_aside(first):
    Path("in.txt").write_text("other")
    found = audited(first)
    assert found.findings[first.record].faults == ("in.txt changed",)
    assert aside("first/out.txt").exists()


def test_a_job_that_reads_another_file_than_it_did_is_out_of_date_though_that_file_is_unchanged(first):
    Path("other.txt").write_text("given")
    assert states(job("first", ["other.txt"])) == [STALE_STATE]


def test_an_undone_edit_brings_the_results_back_and_a_second_change_of_mind_costs_nothing(first):
    audited(changed(first, 2))
    ran(changed(first, 2), "made otherwise")
    for rate, text in ((1, "made"), (2, "made otherwise"), (1, "made")):
        assert states(changed(first, rate)) == [BACK]
        audited(changed(first, rate))
        assert Path("first/out.txt").read_text() == text
        assert states(changed(first, rate)) == [VALID]


def test_what_comes_back_is_new_to_snakemake(first):
    audited(changed(first, 2))
    memory = Memory()
    audited(first, memory=memory)
    assert first.name in memory.forgotten


def test_what_was_set_aside_and_then_damaged_does_not_come_back(first):
    audited(changed(first, 2))
    aside("first/out.txt").write_text("damaged")
    assert states(first) == [ABSENT]
    audited(first)
    assert not Path("first/out.txt").exists()


def test_results_that_were_set_aside_are_wanted_again_though_what_lies_there_is_damaged(first):
    audited(changed(first, 2))
    ran(changed(first, 2), "made otherwise")
    Path("first/out.txt").write_text("damaged")
    audited(first)
    assert Path("first/out.txt").read_text() == "made"


def test_what_follows_a_job_that_must_run_is_unsure(first, second):
    assert states(changed(first, 2), second) == [STALE_STATE, UNSURE]
    found = assess(changed(first, 2), second)
    assert [item.name for item in found.may] == [second.name]


def test_what_follows_results_that_come_back_comes_back_too(first, second):
    audited(changed(first, 2))
    ran(changed(first, 2), "made otherwise")
    audited(changed(first, 2), second)  # the second one read what the first one wrote before
    assert states(first, second) == [BACK, BACK]


def test_what_follows_equal_bytes_is_valid_again_without_having_run(first, second):
    audited(changed(first, 2), second)
    ran(changed(first, 2))
    assert states(changed(first, 2), second) == [VALID, VALID]


def test_who_reads_a_record_that_is_sure_to_change_must_run(first):
    reader = job("reader", [first.record])
    ran(reader)
    assert states(first, reader) == [VALID, VALID]
    assert states(changed(first, 2), reader)[1] == STALE_STATE
    Path("first/out.txt").unlink()  # the same key and inputs leave the same record, if the job is deterministic
    assert states(first, reader)[1] == UNSURE


def test_what_was_made_from_what_a_job_that_may_run_once_wrote_is_unsure(first, second):
    """A build that was interrupted leaves such: `last` belongs to the state that the next build comes back to."""
    last = job("last", [second.record])
    ran(last)
    ran(changed(first, 2), "made otherwise")
    ran(second, "made otherwise from that")
    assert states(changed(first, 2), second, last) == [VALID, VALID, STALE_STATE]
    assert states(first, second, last) == [STALE_STATE, UNSURE, UNSURE]
    audited(changed(first, 2), second, last)
    assert states(first, second, last) == [STALE_STATE, UNSURE, UNSURE]  # also what is set aside
    audited(first)
    ran(first)
    ran(second)
    assert states(first, second, last) == [VALID, VALID, BACK]


def test_an_assessment_changes_nothing(first, second):
    Path("first/out.txt").write_text("")
    before = sorted((path, path.stat().st_mtime_ns) for path in Path().rglob("*"))
    assert assess(first, second).must
    assert sorted((path, path.stat().st_mtime_ns) for path in Path().rglob("*")) == before


@pytest.mark.parametrize("ahead", ["in.txt", "first/out.txt", "second/out.txt"])
def test_times_ahead_of_the_clock_are_brought_into_the_past_and_no_output_is_older_than_an_input(first, second, ahead):
    moment = time.time_ns() + 10**12
    os.utime(ahead, ns=(moment, moment))
    audited(first, second)
    times = [Path(path).stat().st_mtime_ns for path in ("in.txt", "first/out.txt", "second/out.txt")]
    assert times == sorted(times)
    assert times[-1] <= time.time_ns()
    assert states(first, second) == [VALID, VALID]


def test_a_new_input_of_a_job_that_must_run_is_brought_into_the_past_too(first):
    Path("in.txt").write_text("other")
    os.utime("in.txt", (2**33, 2**33))
    audited(first)
    assert Path("in.txt").stat().st_mtime <= time.time()


def test_files_that_somebody_else_owns_but_one_may_write_to_get_the_present(first, monkeypatch):
    set_time = os.utime

    def refusing(path, times=None, *, ns=None):
        if times or ns:
            raise PermissionError
        set_time(path)

    os.utime("in.txt", (2**33, 2**33))
    os.utime("first/out.txt", (1, 1))
    monkeypatch.setattr(os, "utime", refusing)
    audited(first)
    assert Path("in.txt").stat().st_mtime <= Path("first/out.txt").stat().st_mtime <= time.time()


def test_a_time_ahead_of_the_clock_that_cannot_be_put_right_is_an_error_that_says_so(first, monkeypatch):
    os.utime("in.txt", (2**33, 2**33))
    monkeypatch.setattr(os, "utime", lambda *_, **__: (_ for _ in ()).throw(PermissionError))
    with pytest.raises(ReproseError, match="in.txt: it was saved .* s ahead of this machine's clock"):
        audited(first)


def test_valid_results_of_which_snakemake_remembers_something_else_are_forgotten_by_it(first):
    memory = Memory(agreeing=False)
    audited(first, memory=memory)
    assert memory.forgotten == [first.name]


def test_a_job_that_failed_after_an_edit_is_told_by_the_edit_and_not_as_one_whose_outputs_are_gone(first):
    edited = changed(first, 2)
    Path(edited.run_record).write_text("{}")  # of the run before the edit
    audited(edited)
    finding = assess(edited).findings[edited.record]
    assert finding.state == ABSENT
    assert why(finding) == ("rate: 1 -> 2",)
    assert states(first) == [BACK]


def test_jobs_with_one_finding_share_a_line(capsys):
    jobs = [job(f"job{number}") for number in range(5)]
    for made in jobs:
        ran(made)
    report(assess(*[changed(made, 2) for made in jobs]), why)
    report(assess(*jobs), why, act=False)
    (line,) = capsys.readouterr().err.splitlines()
    assert line == (
        "audit: rate: 1 -> 2; set aside: job0/plain/choose, job1/plain/choose, job2/plain/choose and 2 more"
    )
