import pytest

from reprose.commands.diagnosis import Said, diagnosis


@pytest.fixture
def failed(tmp_path):
    """Return a function that gives what is known of a failed job with this log, whose text Snakemake passed on."""

    def said(text, *more, **known):
        log = tmp_path / "train.log"
        log.write_text(text)
        made = Said(failed={"toy/train": [str(log)]}, **known)
        made.lines.extend([*text.splitlines(keepends=True), *more])
        return made

    return said


def test_a_job_that_told_its_error_needs_no_other_words(failed):
    assert diagnosis(1, failed("| error: toy/train: the metric is nan\n", errors=["a job failed"])) == []


def test_a_job_that_ended_in_silence_is_named_with_its_last_words(failed):
    (told,) = diagnosis(1, failed("epoch 7\n\n"))
    assert told.startswith("error: toy/train: the job ended without a message, as after a kill")
    assert told.endswith("train.log: epoch 7")


def test_a_job_that_left_no_log_is_named_all_the_same(tmp_path):
    (told,) = diagnosis(1, Said(failed={"toy/train": [str(tmp_path / "none.log")]}))
    assert told.startswith("error: toy/train: the job ended without a message")


def test_a_full_disk_of_which_only_snakemake_knows_is_told_in_one_line(failed):
    (told,) = diagnosis(1, failed("", "Traceback\n", "OSError: [Errno 28] No space left on device\n"))
    assert "No space left on device" in told
    assert "Traceback" not in told


def test_a_killed_snakemake_is_told():
    assert diagnosis(-9, Said())[0].startswith("error: Snakemake was ended by SIGKILL. Run the same")


def test_an_error_of_snakemake_itself_is_told_without_its_other_output():
    said = Said(errors=["config.yaml: bad"])
    said.lines.extend(["Building DAG of jobs...\n"])
    assert diagnosis(1, said) == ["error: config.yaml: bad"]


def test_what_is_not_understood_is_shown_as_it_ends():
    said = Said()
    said.lines.extend(f"{number}\n" for number in range(100))
    assert diagnosis(2, said) == [str(number) for number in range(60, 100)]
