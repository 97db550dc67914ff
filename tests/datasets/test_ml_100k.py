"""The reader, the splits and the sample maker of MovieLens 100K."""

import os
from pathlib import Path

import numpy as np
import pytest

from reprose.base.errors import ReproseError
from scripts.datasets import ml_100k

SIZES = {"users": 40, "items": 70, "ratings": 1000}


@pytest.fixture
def folder(tmp_path):
    ml_100k.make_sample(tmp_path, seed=3, **SIZES)
    return tmp_path


def pairs(part):
    return set(zip(part["users"].tolist(), part["items"].tolist(), strict=True))


def test_the_sample_has_the_sizes_asked_for(folder):
    table = ml_100k.read(folder)
    assert len(table["ratings"]) == SIZES["ratings"]
    assert set(table["users"]) == set(range(1, SIZES["users"] + 1))
    assert set(table["items"]) == set(range(1, SIZES["items"] + 1))
    assert set(table["ratings"]) == {1, 2, 3, 4, 5}


def test_every_made_up_user_rates_at_least_twenty_films(folder):
    assert np.bincount(ml_100k.read(folder)["users"])[1:].min() >= 20


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(folder, tmp_path_factory):
    written = {}
    for seed in (3, 4):
        other = tmp_path_factory.mktemp("other")
        ml_100k.make_sample(other, seed=seed, **SIZES)
        written[seed] = [(other / name).read_bytes() for name in ("u.data", "u.item")]
    assert written[3] == [(folder / name).read_bytes() for name in ("u.data", "u.item")]
    assert written[3][0] != written[4][0]


def test_popular_films_are_rated_more_often_than_chance_allows(folder):
    counts = np.sort(np.bincount(ml_100k.read(folder)["items"])[1:])[::-1]
    assert counts[:10].sum() > 1.5 * 10 / SIZES["items"] * SIZES["ratings"]


def test_a_sample_with_too_few_ratings_is_an_error(tmp_path):
    with pytest.raises(ReproseError, match="users 40, items 70, ratings 800. Allowed"):
        ml_100k.make_sample(tmp_path, seed=3, users=40, items=70, ratings=800)


def test_rows_are_read_in_file_order(folder):
    (folder / "u.data").write_bytes(b"7\t3\t5\t900\n2\t9\t1\t800\n")
    table = {name: column.tolist() for name, column in ml_100k.read(folder).items()}
    assert table == {"users": [7, 2], "items": [3, 9], "ratings": [5, 1], "times": [900, 800]}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"1\t2\t6\t900\n", "u.data:2: rating 6, expected 1 to 5"),
        (b"1\t2\t0\t900\n", "u.data:2: rating 0, expected 1 to 5"),
        (b"0\t2\t3\t900\n", "u.data:2: user id 0, expected 1 to 943"),
        (b"944\t2\t3\t900\n", "u.data:2: user id 944, expected 1 to 943"),
        (b"1\t71\t3\t900\n", "u.data:2: film id 71, expected 1 to 70"),
        (b"1\t2\t3.5\t900\n", "u.data:2: ratings holds '3.5', expected a whole number"),
        (b"1\t2\t\xb2\t900\n", r"u.data:2: found the bytes b'\\xb2', expected ASCII text"),
        (b"1\t-2\t3\t900\n", "u.data:2: items holds '-2', expected a whole number"),
        (b"1\t2\t3\n", "u.data:2: found 3 fields, expected 4"),
        (b"1 2 3 900\n", "u.data:2: found 1 fields, expected 4"),
        (b"\n", "u.data:2: found 1 fields, expected 4"),
        (b"5\t5\t3\t900\n", "u.data:2: user 5 rates film 5 again, first in line 1; expected one rating"),
        (b"1\t2\t3\t90", "u.data:2: the last line has no end; the file is cut off"),
    ],
)
def test_a_bad_line_is_an_error_that_names_it(folder, line, message):
    (folder / "u.data").write_bytes(b"5\t5\t4\t900\n" + line)
    with pytest.raises(ReproseError, match=message):
        ml_100k.read(folder)


def test_an_empty_file_is_an_error(folder):
    (folder / "u.data").write_bytes(b"")
    with pytest.raises(ReproseError, match="u.data: the file is empty, expected 4 fields a line"):
        ml_100k.read(folder)


@pytest.mark.parametrize(
    ("first", "message"),
    [
        (b"x|", "u.item:1: film id holds 'x', expected a whole number"),
        (b"71|", "u.item:1: film id 71, expected 1 to 70"),
        (b"2|", "u.item:2: film id 2 again, expected each once"),
    ],
)
def test_a_film_list_with_other_ids_than_each_once_from_1_is_an_error(folder, first, message):
    path = folder / "u.item"
    path.write_bytes(first + path.read_bytes().removeprefix(b"1|"))
    with pytest.raises(ReproseError, match=message):
        ml_100k.read(folder)


def test_a_film_list_with_a_missing_field_is_an_error(folder):
    path = folder / "u.item"
    path.write_bytes(path.read_bytes().replace(b"(1997)|", b"(1997)", 1))
    with pytest.raises(ReproseError, match="u.item:1: found 23 fields, expected 24"):
        ml_100k.read(folder)


@pytest.mark.parametrize("split", [ml_100k.course_split, ml_100k.honest_split])
def test_the_parts_are_disjoint_and_hold_every_rating(folder, split):
    table = ml_100k.read(folder)
    parts = [pairs(part) for part in split(table, seed=123, held_out=0.1).values()]
    assert sum(map(len, parts)) == len(set.union(*parts)) == SIZES["ratings"]


def test_the_course_split_is_the_legacy_shuffle_of_the_rows(folder):
    table = ml_100k.read(folder)
    order = np.arange(SIZES["ratings"])
    np.random.RandomState(123).shuffle(order)
    parts = ml_100k.course_split(table, seed=123, held_out=0.05)
    assert np.array_equal(parts["train"]["users"], table["users"][order[:950]])
    assert np.array_equal(parts["validation"]["ratings"], table["ratings"][order[950:]])
    assert len(parts["test"]["users"]) == 0


def test_the_honest_test_part_is_what_the_course_holds_out(folder):
    table = ml_100k.read(folder)
    course = ml_100k.course_split(table, seed=123, held_out=0.1)
    honest = ml_100k.honest_split(table, seed=123, held_out=0.1)
    assert np.array_equal(honest["test"]["items"], course["validation"]["items"])
    assert [len(honest[part]["items"]) for part in ("train", "validation", "test")] == [800, 100, 100]


def test_every_part_says_how_many_rows_the_tables_need(folder):
    for part in ml_100k.honest_split(ml_100k.read(folder), seed=1, held_out=0.1).values():
        assert (part["user_rows"], part["item_rows"]) == (SIZES["users"] + 1, SIZES["items"] + 1)


@pytest.mark.parametrize("share", [0, 0.5, -0.1])
def test_a_held_out_share_that_leaves_no_training_part_is_an_error(folder, share):
    with pytest.raises(ReproseError, match=f"held_out is {share}, expected a share between 0 and 0.5"):
        ml_100k.course_split(ml_100k.read(folder), seed=1, held_out=share)


@pytest.mark.real
def test_the_published_data_are_what_the_protocol_says():
    if "REPROSE_MIRROR" not in os.environ:
        pytest.skip("REPROSE_MIRROR is not set")
    table = ml_100k.read(Path(os.environ["REPROSE_MIRROR"], "ml_100k"))
    assert len(table["ratings"]) == 100_000
    parts = ml_100k.course_split(table, seed=123, held_out=0.05)
    assert len(parts["validation"]["users"]) == 5_000
    assert (parts["train"]["user_rows"], parts["train"]["item_rows"]) == (944, 1683)


def test_the_homework_split_is_what_the_code_of_document_002_makes(folder):
    rows = [[int(cell) for cell in line.split("\t")[:3]] for line in (folder / "u.data").read_text().splitlines()]
    data = np.array([[user - 1, film - 1, stars] for user, film, stars in rows])
    np.random.seed(1)
    count = int(0.8 * len(data))
    order = np.random.permutation(data.shape[0])
    parts = ml_100k.homework_split(ml_100k.read(folder), seed=1, held_out=0.2)
    for part, expected in (("train", data[order[:count], :]), ("validation", data[order[count::], :])):
        found = np.stack([parts[part][name] for name in ("users", "items", "ratings")], axis=1)
        assert np.array_equal(found, expected)
    assert len(parts["test"]["users"]) == 0
    assert (parts["train"]["user_rows"], parts["train"]["item_rows"]) == (SIZES["users"], SIZES["items"])


def test_the_tuning_split_cuts_validation_from_the_documents_training_set(folder):
    table = ml_100k.read(folder)
    document = ml_100k.homework_split(table, seed=1, held_out=0.2)
    parts = ml_100k.tuning_split(table, seed=1, held_out=0.2, tuning=0.1)
    assert pairs(parts["test"]) == pairs(document["validation"])
    assert pairs(parts["train"]) | pairs(parts["validation"]) == pairs(document["train"])
    assert not pairs(parts["train"]) & pairs(parts["validation"])
    assert len(parts["validation"]["users"]) == 80


def test_repeated_splits_stack_the_splits_of_their_seeds(folder):
    table = ml_100k.read(folder)
    parts = ml_100k.repeated_splits(table, seeds=[1, 3], held_out=0.2, tuning=0.1)
    for row, seed in enumerate((1, 2, 3)):
        document = ml_100k.homework_split(table, seed=seed, held_out=0.2)
        assert np.array_equal(parts["train"]["items"][row], document["train"]["items"])
        assert np.array_equal(parts["test"]["items"][row], document["validation"]["items"])
    assert parts["test"]["splits"].tolist() == [1, 2, 3]


@pytest.mark.parametrize("seeds", [[], [1], [3, 1], [-1, 1]])
def test_seeds_of_splits_that_are_no_first_and_last_are_an_error(folder, seeds):
    with pytest.raises(ReproseError, match="seeds is .*, expected the first and the last"):
        ml_100k.repeated_splits(ml_100k.read(folder), seeds=seeds, held_out=0.2, tuning=0.1)


@pytest.mark.parametrize("share", [0.0, 0.6])
def test_a_share_that_leaves_too_little_is_an_error(folder, share):
    with pytest.raises(ReproseError, match=f"tuning is {share}, expected a share between 0 and 0.5"):
        ml_100k.tuning_split(ml_100k.read(folder), seed=1, held_out=0.2, tuning=share)
