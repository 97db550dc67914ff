import json
import math

import numpy as np
import pytest

from reprose.base.errors import ReproseError
from reprose.numbers.registry import Text, constant, find, find_text, measured, read_numbers, write_numbers

SOURCE = "toy/small/choose"


def test_numbers_survive_the_file(tmp_path):
    numbers = [measured("small.error", {2: 0.5, 10: 0.25}, 3, "lower", SOURCE), constant("rank", 32, 0, SOURCE)]
    write_numbers(tmp_path / "numbers.json", numbers)
    assert list(read_numbers(tmp_path / "numbers.json").values()) == sorted(numbers, key=lambda number: number.key)


def test_texts_survive_the_file_beside_numbers(tmp_path):
    items = [constant("rank", 32, 0, SOURCE), Text("review_1.text", "not {good} & 100 % na\u00efve", SOURCE)]
    write_numbers(tmp_path / "numbers.json", items)
    assert list(read_numbers(tmp_path / "numbers.json").values()) == items


def test_the_file_shows_people_the_interval(tmp_path):
    write_numbers(tmp_path / "numbers.json", [measured("a", {1: 1.0, 2: 3.0}, 1, "", SOURCE)])
    record = json.loads((tmp_path / "numbers.json").read_text())["a"]
    assert (record["value"], record["n"]) == (2.0, 2)
    assert record["interval"] == pytest.approx([2 - 12.706, 2 + 12.706], abs=1e-3)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_number_that_is_not_finite_names_its_key_its_seed_and_its_rule(bad):
    with pytest.raises(ReproseError, match=r"'small.error' is (nan|inf) for seed 2.*rule 'choose'.*toy/small/choose"):
        measured("small.error", {1: 0.5, 2: bad}, 3, "lower", SOURCE)


@pytest.mark.parametrize("bad", [None, "3", [1.0], 10**400])
def test_what_is_no_number_is_told_like_one_that_is_not_finite(bad):
    with pytest.raises(ReproseError, match=r"'small.error' is .*, expected a finite number.*toy/small/choose"):
        constant("small.error", bad, 3, SOURCE)
    with pytest.raises(ReproseError, match=r"'small.error' is .* for seed 2, expected a finite"):
        measured("small.error", {1: 0.5, 2: bad}, 3, "lower", SOURCE)


def test_a_text_where_a_number_should_be_is_told_what_it_is():
    with pytest.raises(ReproseError, match=r"'small.name' is plain, expected a finite number. A text is Text\(key"):
        constant("small.name", "plain", 3, SOURCE)


@pytest.mark.parametrize("digits", [-2, 2.0, "2"])
def test_decimals_are_a_whole_number(digits):
    with pytest.raises(ReproseError, match=rf"'small.error': digits is '?{digits}'?, expected a whole number from 0"):
        constant("small.error", 1234.5, digits, SOURCE)


def test_numbers_of_numpy_are_stored_as_those_of_python(tmp_path):
    write_numbers(tmp_path / "a.json", [constant("a", np.float32(0.5), np.int64(2), SOURCE)])
    write_numbers(tmp_path / "b.json", [constant("a", 0.5, 2, SOURCE)])
    assert (tmp_path / "a.json").read_text() == (tmp_path / "b.json").read_text()


def test_a_number_measured_never_is_an_error():
    with pytest.raises(ReproseError, match="no samples"):
        measured("small.error", {}, 3, "lower", SOURCE)


def test_two_numbers_with_one_key_are_an_error(tmp_path):
    with pytest.raises(ReproseError, match="'a' is given twice"):
        write_numbers(tmp_path / "numbers.json", [constant("a", 1, 0, SOURCE), constant("a", 2, 0, SOURCE)])


def test_a_number_and_a_text_with_one_key_are_an_error(tmp_path):
    with pytest.raises(ReproseError, match="text 'a' is given twice"):
        write_numbers(tmp_path / "numbers.json", [constant("a", 1, 0, SOURCE), Text("a", "one", SOURCE)])


@pytest.mark.parametrize("make", [lambda key: constant(key, 1, 0, SOURCE), lambda key: Text(key, "one", SOURCE)])
@pytest.mark.parametrize("key", ["Upper", "a-b", "a..b", "", "a b"])
def test_a_key_is_words_joined_by_dots(key, make):
    with pytest.raises(ReproseError, match="joined by dots"):
        make(key)


@pytest.mark.parametrize("bad", ["", "  ", "two\nlines", "a\u2028b", None, 3.0, ["a"]])
def test_a_text_is_one_line_that_is_not_blank(bad):
    with pytest.raises(ReproseError, match=r"text 'a' is .*expected one line.*job toy/small/choose"):
        Text("a", bad, SOURCE)


@pytest.mark.parametrize("odd", ["a\tb", "bell\x07", "a\u00a0b", "\U0001f468\u200d\U0001f4bb", "cut \ud83d", "\ue000"])
def test_a_text_may_hold_any_character(odd, tmp_path):
    write_numbers(tmp_path / "numbers.json", [Text("a", odd, SOURCE)])
    assert find_text(read_numbers(tmp_path / "numbers.json"), "a").value == odd


def test_a_text_does_not_stand_for_a_number_nor_a_number_for_a_text():
    items = {"a": Text("a", "one", SOURCE), "b": constant("b", 1, 0, SOURCE)}
    with pytest.raises(ReproseError, match=r"'a' in numbers.json is a text.*text\('a'\)"):
        find(items, "a")
    with pytest.raises(ReproseError, match=r"'b' in numbers.json is a number.*n\('b'\)"):
        find_text(items, "b")


def test_a_missing_text_is_answered_with_its_neighbours_among_texts():
    items = {"review_1": Text("review_1", "one", SOURCE), "review_2": constant("review_2", 1, 0, SOURCE)}
    with pytest.raises(ReproseError, match=r"no text 'review_3'.*mean 'review_1'\? Rule 'summarize'"):
        find_text(items, "review_3")


def test_a_direction_is_lower_or_higher():
    with pytest.raises(ReproseError, match="better is 'low'"):
        measured("a", {1: 1.0}, 1, "low", SOURCE)


def test_a_constant_has_no_spread():
    number = constant("a", 2.5, 1, SOURCE)
    assert (number.n, number.std, number.low, number.high) == (0, 0.0, 2.5, 2.5)


def test_a_missing_number_is_answered_with_its_neighbours():
    numbers = {"small.error": constant("small.error", 1, 0, SOURCE)}
    with pytest.raises(ReproseError, match=r"no number 'smal.error'.*'small.error'.*'summarize'"):
        find(numbers, "smal.error")
    with pytest.raises(ReproseError, match=r"no number 'other/error'.*'uses: {results: \[other\]}' in config.yaml"):
        find(numbers, "other/error")


def test_a_damaged_file_names_the_number(tmp_path):
    (tmp_path / "numbers.json").write_text('{"a": {"samples": {"one": 1}}}')
    with pytest.raises(ReproseError, match=r"numbers.json: number 'a' is damaged"):
        read_numbers(tmp_path / "numbers.json")


def test_a_damaged_text_names_it(tmp_path):
    (tmp_path / "numbers.json").write_text('{"a": {"text": "one"}}')
    with pytest.raises(ReproseError, match=r"numbers.json: text 'a' is damaged"):
        read_numbers(tmp_path / "numbers.json")
