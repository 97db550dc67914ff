import pytest

from reprose.commands.diagnosis import diagnosis

FAILED = "Error in rule train:\n    jobid: 2\n    log: {log} (check log file(s) for error details)\n"


@pytest.fixture
def failed(tmp_path):
    """Return a function that gives what Snakemake says of a job with this log."""

    def said(text):
        path = tmp_path / "train.log"
        path.write_text(text)
        return [*text.splitlines(keepends=True), *FAILED.format(log=path).splitlines(keepends=True)]

    return said


def test_a_job_that_told_its_error_needs_no_other_words(failed):
    assert diagnosis(1, failed("| error: toy/train: the metric is nan\n")) == []


def test_a_job_that_ended_in_silence_is_named_with_its_last_words(failed):
    (told,) = diagnosis(1, failed("epoch 7\n\n"))
    assert "train.log: the job ended without a message, as after a kill" in told
    assert told.endswith("Its last words: epoch 7")


def test_a_full_disk_of_which_only_snakemake_knows_is_told_in_one_line(failed):
    (told,) = diagnosis(1, [*failed(""), "Traceback\n", "OSError: [Errno 28] No space left on device\n"])
    assert "No space left on device" in told
    assert "Traceback" not in told


def test_a_killed_snakemake_is_told():
    assert diagnosis(-9, ["rule train:\n"])[0].startswith("error: Snakemake was ended by SIGKILL. Run the same")


def test_what_is_not_understood_is_shown_as_it_ends():
    assert diagnosis(1, [f"{number}\n" for number in range(100)]) == [str(number) for number in range(60, 100)]
