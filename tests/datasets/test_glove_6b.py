import numpy as np
import pytest

from reprose.base.errors import ReproseError
from scripts.datasets import glove_6b, made_up_reviews

ZEROS = " ".join(["0"] * glove_6b.SIZE)


@pytest.fixture
def folder(tmp_path):
    glove_6b.make_sample(tmp_path, 3, words=20)
    return tmp_path


def parts(words):
    empty = {"tokens": np.array([], dtype=np.int32)}
    return {"train": {"words": np.array(words), **empty}, "validation": empty, "test": empty}


def table(**vectors):
    return {"words": np.array(list(vectors)), "vectors": np.array(list(vectors.values()), dtype=np.float32)}


def test_vectors_are_read_in_file_order(tmp_path):
    numbers = [" ".join(f"{place + 0.5 * number}" for number in range(50)) for place in range(2)]
    (tmp_path / glove_6b.FILE).write_text(f"the {numbers[0]}\n\u00e9t\u00e9 {numbers[1]}\n", encoding="utf-8")
    found = glove_6b.read(tmp_path)
    assert found["words"].tolist() == ["the", "\u00e9t\u00e9"]
    assert found["vectors"].dtype == np.float32
    assert found["vectors"][1].tolist() == [1 + 0.5 * number for number in range(50)]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"film 0.1 0.2\n", "50d.txt:2: found 2 numbers after the word 'film', expected a word and 50 numbers"),
        (f"film {ZEROS} 0\n".encode(), "50d.txt:2: found 51 numbers"),
        (f" {ZEROS}\n".encode(), "50d.txt:2: found 50 numbers after the word ''"),
        (b"\n", "50d.txt:2: found 0 numbers"),
        (f"film {ZEROS[:-1]}x\n".encode(), "50d.txt:2: found 'x', expected a number"),
        (f"film {ZEROS[:-1]}nan\n".encode(), "50d.txt:2: found 'nan', expected a number"),
        (f"film {ZEROS[:-1]}1e39\n".encode(), "50d.txt:2: found '1e39', expected a number that 32 bits can hold"),
        (f"film {ZEROS[:-1]}1_0\n".encode(), "50d.txt:2: found '1_0', expected a number"),
        (f"film {ZEROS[:-1]}\u0661\n".encode(), "50d.txt:2: found '\u0661', expected a number"),
        (f"film {ZEROS[:-1]}\n".encode(), "50d.txt:2: found '', expected a number"),
        (f"the {ZEROS}\n".encode(), "50d.txt:2: the word 'the' again, first in line 1"),
        (f"f\xff {ZEROS}\n".encode("latin-1"), r"50d.txt:2: found the bytes b'\\xff', expected UTF-8"),
        (f"film {ZEROS}".encode(), "50d.txt:2: the last line has no end; the file is cut off"),
    ],
)
def test_a_bad_line_is_an_error_that_names_it(tmp_path, line, message):
    (tmp_path / glove_6b.FILE).write_bytes(f"the {ZEROS}\n".encode() + line)
    with pytest.raises(ReproseError, match=message):
        glove_6b.read(tmp_path)


def test_an_empty_file_is_an_error(tmp_path):
    (tmp_path / glove_6b.FILE).write_bytes(b"")
    with pytest.raises(ReproseError, match="50d.txt: the file is empty"):
        glove_6b.read(tmp_path)


def test_words_get_their_vectors_and_padding_gets_zeros():
    known = {"good": np.full(50, 2.0), "bad": np.full(50, -2.0), "other": np.full(50, 100.0)}
    made = glove_6b.embeds(table(**known), parts(["[pad]", "[unk]", "bad", "odd", "good"]), seed=1)["train"]
    assert made["matched"].tolist() == [False, False, True, False, True]
    assert np.array_equal(made["vectors"][[0, 2, 4]], [np.zeros(50), known["bad"], known["good"]])
    assert made["vectors"].dtype == np.float32


def test_other_words_are_drawn_with_the_mean_and_spread_of_what_was_matched():
    known = {"good": np.tile([1.0, 5.0], 25), "other": np.full(50, 100.0)}
    words = ["[pad]", "[unk]", "good", *(f"odd{number}" for number in range(500))]
    vectors = glove_6b.embeds(table(**known), parts(words), seed=1)["train"]["vectors"][3:]
    assert vectors.mean() == pytest.approx(3, abs=0.1)
    assert vectors.std() == pytest.approx(2, abs=0.1)


def test_the_seed_decides_what_is_drawn():
    first, again, other = (
        glove_6b.embeds(table(good=np.arange(50.0)), parts(["[pad]", "odd", "good"]), seed=seed)["train"]["vectors"]
        for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_other_parts_and_the_given_ones_stay_as_they_are():
    given = parts(["[pad]", "good"])
    made = glove_6b.embeds(table(good=np.ones(50)), given, seed=1)
    assert made["validation"] == given["validation"] and made["test"] == given["test"]
    assert "vectors" not in given["train"]


def test_vectors_for_no_word_at_all_are_an_error():
    with pytest.raises(ReproseError, match="none of the 2 words of the vocabulary has a vector"):
        glove_6b.embeds(table(good=np.ones(50)), parts(["[pad]", "odd"]), seed=1)


def test_sentiment_is_a_direction_of_the_made_up_vectors(folder):
    found = glove_6b.read(folder)
    places = {word: place for place, word in enumerate(found["words"].tolist())}
    sides = {
        sign: found["vectors"][
            [places[w] for w, s in made_up_reviews.sentiments().items() if s == sign and w in places]
        ]
        for sign in (1, -1)
    }
    direction = sides[1].mean(axis=0) - sides[-1].mean(axis=0)
    assert (sides[1] @ direction).min() > (sides[-1] @ direction).max()
    assert set(made_up_reviews.sentiments()) - set(places)


def test_the_same_seed_gives_the_same_bytes(folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    glove_6b.make_sample(other, 3, words=20)
    assert (other / glove_6b.FILE).read_bytes() == (folder / glove_6b.FILE).read_bytes()
