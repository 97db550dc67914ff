"""The reader, the splits and the sample maker of the Eedi answers."""

import os
from pathlib import Path

import numpy as np
import pytest

from reprose.base.errors import ReproseError
from scripts.datasets import eedi

SIZES = {"students": 40, "questions": 50, "answers": 900}
TRAINING = "train_data.csv"


@pytest.fixture
def folder(tmp_path):
    eedi.make_sample(tmp_path, seed=3, **SIZES)
    return tmp_path


def append(folder, line, file=TRAINING):
    path = folder / file
    path.write_bytes(path.read_bytes() + line)


def pairs(part):
    return set(zip(part["students"].tolist(), part["questions"].tolist(), strict=True))


def test_the_sample_has_the_sizes_and_shares_asked_for(folder):
    table = eedi.read(folder)
    assert np.bincount(table["part"]).tolist() == [758, 94, 48]
    assert set(table["students"]) == set(range(40))
    assert set(table["questions"]) == set(range(50))
    assert set(table["correct"]) == {0, 1}


def test_every_made_up_question_and_student_is_in_the_training_part(folder):
    part = eedi.starter_split(eedi.read(folder))["train"]
    assert np.bincount(part["questions"]).min() >= eedi.FEWEST
    assert np.bincount(part["students"]).min() >= eedi.FEWEST


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(folder, tmp_path_factory):
    written = {}
    for seed in (3, 4):
        other = tmp_path_factory.mktemp("other")
        eedi.make_sample(other, seed=seed, **SIZES)
        written[seed] = [(other / name).read_bytes() for name in eedi.PARTS.values()]
    assert written[3] == [(folder / name).read_bytes() for name in eedi.PARTS.values()]
    assert written[3][0] != written[4][0]


def test_made_up_students_differ_in_ability_by_more_than_chance(folder):
    table = eedi.read(folder)
    right, asked = np.bincount(table["students"], table["correct"]), np.bincount(table["students"])
    mean = table["correct"].mean()
    assert np.mean((right / asked - mean) ** 2) > 1.5 * np.mean(mean * (1 - mean) / asked)


@pytest.mark.parametrize("sizes", [{"students": 543}, {"questions": 1775}, {"answers": 599}, {"answers": 2001}])
def test_an_impossible_sample_is_an_error(tmp_path, sizes):
    with pytest.raises(ReproseError, match="config.yaml: datasets.eedi.sample: .* Allowed: at most 542 students"):
        eedi.make_sample(tmp_path, seed=3, **(SIZES | sizes))


def test_rows_are_read_in_file_order(folder):
    (folder / TRAINING).write_bytes(b"question_id,user_id,is_correct\n1,0,1\n0,1,0\n")
    (folder / "valid_data.csv").write_bytes(b"question_id,user_id,is_correct\n0,0,0\n")
    (folder / "test_data.csv").write_bytes(b"question_id,user_id,is_correct\n1,1,1\n")
    table = {name: column.tolist() for name, column in eedi.read(folder).items()}
    assert table == {"questions": [1, 0, 0, 1], "students": [0, 1, 0, 1], "correct": [1, 0, 0, 1], "part": [0, 0, 1, 2]}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"1,2,2\n", "train_data.csv:760: is_correct is '2', expected a number from 0 to 1"),
        (b"1,2,-1\n", "train_data.csv:760: is_correct is '-1', expected"),
        (b"1,2,1.0\n", "train_data.csv:760: is_correct is '1.0', expected"),
        (b"1,542,1\n", "train_data.csv:760: user_id is '542', expected a number from 0 to 541"),
        (b"1774,2,1\n", "train_data.csv:760: question_id is '1774', expected a number from 0 to 1773"),
        (b"one,2,1\n", "train_data.csv:760: question_id is 'one', expected"),
        ("\u0661,2,1\n".encode(), r"train_data.csv:760: found the bytes b'\\xd9', expected ASCII"),
        (b"1,2\n", "train_data.csv:760: found 2 fields, expected 3"),
        (b"\n", "train_data.csv:760: found 1 fields, expected 3"),
        (b"1,2,1", "train_data.csv:760: the last line has no end"),
    ],
)
def test_a_bad_line_is_an_error_that_names_it(folder, line, message):
    append(folder, line)
    with pytest.raises(ReproseError, match=message):
        eedi.read(folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "valid_data.csv: the file is empty, expected the headings question_id,user_id,is_correct and rows"),
        (b"question_id,user_id,is_correct\n", "valid_data.csv: no rows under the headings"),
        (b"question_id,user_id,is_correct", "valid_data.csv:1: the last line has no end"),
        (b"user_id,question_id,is_correct\n1,2,1\n", "valid_data.csv:1: found the headings 'user_id,question_id"),
    ],
)
def test_a_file_without_answers_is_an_error(folder, text, message):
    (folder / "valid_data.csv").write_bytes(text)
    with pytest.raises(ReproseError, match=message):
        eedi.read(folder)


def test_a_pair_answered_twice_is_an_error_that_names_both_places(folder):
    first = (folder / TRAINING).read_bytes().split(b"\n")[1]
    append(folder, first + b"\n", "test_data.csv")
    question, student, _ = first.decode().split(",")
    message = f"test_data.csv:50: student {student} answers question {question} again, first in .*train_data.csv:2;"
    with pytest.raises(ReproseError, match=message):
        eedi.read(folder)


@pytest.mark.parametrize(("line", "message"), [(b"50,0,1\n", "question 50"), (b"0,40,1\n", "student 40")])
def test_a_question_or_student_that_training_never_sees_is_an_error(folder, line, message):
    append(folder, line, "valid_data.csv")
    with pytest.raises(ReproseError, match=f"train_data.csv: {message} has no answer here"):
        eedi.read(folder)


def test_the_parts_are_disjoint_and_hold_every_answer(folder):
    parts = [pairs(part) for part in eedi.starter_split(eedi.read(folder)).values()]
    assert sum(map(len, parts)) == len(set.union(*parts)) == SIZES["answers"]


def test_a_search_has_the_same_parts_but_no_test(folder):
    table = eedi.read(folder)
    starter, search = eedi.starter_split(table), eedi.search_split(table)
    for part in ("train", "validation"):
        assert all(np.array_equal(starter[part][name], search[part][name]) for name in starter[part])
    assert len(search["test"]["students"]) == 0


def test_every_part_says_how_many_students_and_questions_there_are(folder):
    for part in eedi.starter_split(eedi.read(folder)).values():
        assert (part["student_rows"], part["question_rows"]) == (40, 50)


@pytest.mark.real
def test_the_published_data_are_what_the_protocol_says():
    if "REPROSE_MIRROR" not in os.environ:
        pytest.skip("REPROSE_MIRROR is not set")
    parts = eedi.starter_split(eedi.read(Path(os.environ["REPROSE_MIRROR"], "eedi")))
    assert [len(part["students"]) for part in parts.values()] == [56_688, 7_086, 3_543]
    assert (parts["train"]["student_rows"], parts["train"]["question_rows"]) == (542, 1774)
