import os
from pathlib import Path

import numpy as np
import pytest

from reprose.base.errors import ReproseError
from scripts.datasets import made_up_reviews, phrases, sst2

HEADINGS = "sentence\tlabel\n"


@pytest.fixture
def folder(tmp_path):
    sst2.make_sample(tmp_path, 3, sentences=120, held_out=30)
    return tmp_path


def write(folder, train, dev="fine \t1\n"):
    for name, rows in (("train.tsv", train), ("dev.tsv", dev)):
        (folder / name).write_text(HEADINGS + rows, encoding="utf-8")


def texts(part):
    """Return the reviews of a training part as text."""
    words = part["words"][part["tokens"]]
    return [" ".join(review) for review in np.split(words, np.cumsum(part["lengths"])[:-1])]


def test_reviews_are_read_in_file_order_in_lower_case(tmp_path):
    write(tmp_path, "A Good film \t1\nnot good \t0\n", "bad \t0\n")
    table = sst2.read(tmp_path)
    assert table["words"].tolist() == ["a", "good", "film", "not", "bad"]
    assert table["tokens"].tolist() == [0, 1, 2, 3, 1, 4]
    assert table["lengths"].tolist() == [3, 2, 1]
    assert table["labels"].tolist() == [1, 0, 0]
    assert table["file"].tolist() == [0, 0, 1]


def test_the_vocabulary_is_that_of_training_in_order_of_first_appearance(tmp_path):
    write(tmp_path, "not good \t0\ngood film \t1\n", "a good play \t1\n")
    parts = sst2.course_split(sst2.read(tmp_path))
    assert parts["train"]["words"].tolist() == ["[pad]", "[unk]", "not", "good", "film"]
    assert parts["train"]["tokens"].tolist() == [2, 3, 3, 4]
    assert parts["validation"]["tokens"].tolist() == [sst2.UNKNOWN, 3, sst2.UNKNOWN]
    assert parts["validation"]["reviews"].tolist() == ["a good play"]


def test_the_course_has_no_test_part(folder):
    parts = sst2.course_split(sst2.read(folder))
    assert len(parts["validation"]["labels"]) == 30
    assert all(len(array) == 0 for array in parts["test"].values())


def test_the_honest_test_part_is_the_courses_validation_part(folder):
    table = sst2.read(folder)
    course, honest = sst2.course_split(table), sst2.honest_split(table, seed=1, held_out=20)
    assert honest["test"]["reviews"].tolist() == course["validation"]["reviews"].tolist()
    assert len(honest["validation"]["labels"]) == 20


def test_the_honest_training_part_holds_no_piece_of_a_held_out_sentence_but_what_others_contain(tmp_path):
    write(tmp_path, "".join(f"{text} \t1\n" for text in ("a b c", "b c", "c", "d c e", "c e", "a b", "d", "f g")))
    for seed in range(6):
        parts = sst2.honest_split(sst2.read(tmp_path), seed=seed, held_out=1)
        (sentence,) = parts["validation"]["reviews"]
        left = {
            "a b c": ["c", "d c e", "c e", "d", "f g"],
            "d c e": ["a b c", "b c", "c", "a b", "f g"],
            "f g": ["a b c", "b c", "c", "d c e", "c e", "a b", "d"],
        }
        assert texts(parts["train"]) == left[sentence]


def test_a_sentence_is_what_no_other_row_contains():
    assert phrases.homes([(1, 2, 3), (2, 3), (4,), (3,), (1, 3), (2, 3)]) == [{0}, {0}, {2}, {0, 4}, {4}, {0}]


def test_equal_sentences_have_one_home():
    assert phrases.homes([(1, 2), (1, 2)]) == [{0}, {0}]


@pytest.mark.parametrize("held_out", [0, 10_000])
def test_holding_out_nothing_or_all_is_an_error(folder, held_out):
    with pytest.raises(ReproseError, match=f"held_out is {held_out}, expected from 1 to"):
        sst2.honest_split(sst2.read(folder), seed=1, held_out=held_out)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"a film\n", "train.tsv:3: found 1 fields, expected 2: sentence and label"),
        (b"a film \t1\tx\n", "train.tsv:3: found 3 fields, expected 2"),
        (b"a film \t2\n", "train.tsv:3: the label is '2', expected 0 or 1"),
        (b"a film \t\n", "train.tsv:3: the label is '', expected 0 or 1"),
        (b"a film \t1\r\n", r"train.tsv:3: the label is '1\\r', expected 0 or 1"),
        (b" \t1\n", "train.tsv:3: the review is empty"),
        (b"\t1\n", "train.tsv:3: the review is empty"),
        (b"\n", "train.tsv:3: found 1 fields"),
        (b"a f\xefilm \t1\n", r"train.tsv:3: found the bytes b'\\xef', expected UTF-8"),
        (b"a film \t1", "train.tsv:3: the last line has no end; the file is cut off"),
    ],
)
def test_a_bad_line_is_an_error_that_names_it(folder, line, message):
    (folder / "train.tsv").write_bytes(HEADINGS.encode() + b"good \t1\n" + line)
    with pytest.raises(ReproseError, match=message):
        sst2.read(folder)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "dev.tsv: the file is empty"),
        (b"\n\n", "dev.tsv: the file is empty"),
        (b"sentence\tlabel\n", "dev.tsv: no rows under the headings"),
        (b"sentence\tlabel", "dev.tsv:1: the last line has no end"),
        (
            b"index\tsentence\n0\tgood\n",
            r"dev.tsv:1: found the headings 'index\\tsentence', expected 'sentence\\tlabel'",
        ),
        (b"good \t1\n", "dev.tsv:1: found the headings"),
    ],
)
def test_a_bad_file_is_an_error(folder, content, message):
    (folder / "dev.tsv").write_bytes(content)
    with pytest.raises(ReproseError, match=message):
        sst2.read(folder)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(folder, tmp_path_factory):
    written = {}
    for seed in (3, 4):
        other = tmp_path_factory.mktemp("other")
        sst2.make_sample(other, seed, sentences=120, held_out=30)
        written[seed] = (other / "train.tsv").read_bytes()
    assert written[3] == (folder / "train.tsv").read_bytes() != written[4]


def test_in_a_made_up_sentence_of_two_clauses_the_second_decides():
    generator = np.random.default_rng(1)
    sentences = [made_up_reviews.sentence(generator) for _ in range(400)]
    double = [found for found in sentences if " but " in found[0].words]
    agree = [found[0].positive == found[1].positive for found in double]  # found[1] is the second clause
    assert len(double) > 100
    assert all(found[0].words.endswith(f"but {found[1].words}") for found in double)
    assert np.mean(agree) > 0.8  # some labels are wrong


def test_a_sample_without_sentences_is_an_error(tmp_path):
    with pytest.raises(ReproseError, match="held_out is 0, expected at least 1"):
        sst2.make_sample(tmp_path, 3, sentences=10, held_out=0)


@pytest.mark.real
def test_the_published_data_are_what_the_protocol_says():
    if "REPROSE_MIRROR" not in os.environ:
        pytest.skip("REPROSE_MIRROR is not set")
    parts = sst2.course_split(sst2.read(Path(os.environ["REPROSE_MIRROR"], "sst2")))
    assert [len(parts[part]["labels"]) for part in ("train", "validation", "test")] == [67_349, 872, 0]
    assert not set(texts(parts["train"])) & set(parts["validation"]["reviews"].tolist())
