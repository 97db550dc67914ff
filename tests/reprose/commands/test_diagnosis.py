from reprose.commands.diagnosis import Said, diagnosis, silence


def said(*lines, **known):
    """Return what is known of a Snakemake that said some lines."""
    made = Said(**known)
    for line in lines:
        made.hear(f"{line}\n")
    return made


def test_a_job_that_told_its_error_needs_no_other_words(tmp_path):
    log = tmp_path / "train.log"
    log.write_text("epoch 7\n| error: toy/train: the metric is nan\n")
    assert silence("toy/train", [str(log)]) is None
    assert diagnosis(1, said("| error: toy/train: the metric is nan", errors=["a job failed"])) == []


def test_a_job_that_ended_in_silence_is_named_with_its_last_words(tmp_path):
    log = tmp_path / "train.log"
    log.write_text("epoch 7\n\n")
    told = silence("toy/train", [str(log)])
    assert told.startswith("error: toy/train: the job ended without a message, as after a kill")
    assert told.endswith("train.log: epoch 7")


def test_a_job_that_left_no_log_is_named_all_the_same(tmp_path):
    told = silence("toy/train", [str(tmp_path / "none.log")])
    assert told.startswith("error: toy/train: the job ended without a message")


def test_a_full_disk_of_which_only_snakemake_knows_is_told_in_one_line():
    (told,) = diagnosis(1, said("Traceback", "OSError: [Errno 28] No space left on device"))
    assert "No space left on device" in told
    assert "Traceback" not in told


def test_a_killed_snakemake_is_told():
    assert diagnosis(-9, Said())[0].startswith("error: Snakemake was ended by SIGKILL. Run the same")


def test_an_error_of_snakemake_itself_is_told_without_its_other_output():
    assert diagnosis(1, said("Building DAG of jobs...", errors=["config.yaml: bad"])) == ["error: config.yaml: bad"]


def test_what_is_not_understood_is_shown_as_it_ends():
    assert diagnosis(2, said(*range(100))) == [str(number) for number in range(60, 100)]
