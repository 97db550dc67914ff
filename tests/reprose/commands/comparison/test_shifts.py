import pytest

from reprose.commands.comparison.shifts import BEYOND, EXACT, UNTESTED, WITHIN, Change, sections
from reprose.numbers.registry import Text, constant, measured


def change(old, new):
    """Return the change of a number between two tables of samples, or two constants."""
    made = [
        measured("a.error", x, 2, "lower", "p/summarize") if isinstance(x, dict) else constant("a.error", x, 2, "")
        for x in (old, new)
    ]
    return Change(*made)


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [
        ({1: 1.0, 2: 5.0, 3: 9.0}, {1: 1.1, 2: 5.1, 3: 9.11}, BEYOND),  # far less than the spread, but with every seed
        ({1: 1.0, 2: 5.0, 3: 9.0}, {1: 1.5, 2: 4.5, 3: 9.1}, WITHIN),
        ({1: 1.0, 2: 5.0, 3: 9.0}, {4: 1.1, 5: 5.1, 6: 9.1}, WITHIN),  # not paired: the spread decides
        ({1: 1.0, 2: 1.1, 3: 0.9}, {4: 5.0, 5: 5.1}, BEYOND),
        ({1: 1.0}, {1: 2.0}, UNTESTED),
        (10.0, 11.0, EXACT),
    ],
)
def test_a_change_is_judged_by_its_seeds(old, new, verdict):
    assert change(old, new).verdict == verdict


def test_a_change_below_the_printed_decimals_is_not_visible():
    assert not change({1: 1.001}, {1: 1.002}).is_visible
    assert change({1: 1.004}, {1: 1.006}).is_visible


def test_a_change_of_a_setting_is_visible_as_it_may_be_printed_in_full():
    assert change(0.0004, 0.0003).is_visible
    assert not change(1 / 3, 1 / 3 + 1e-12).is_visible


def test_new_gone_and_other_numbers_and_texts_are_told_apart():
    old = {"a": constant("a", 1, 0, ""), "b": constant("b", 1, 0, ""), "t": Text("t", "one", "p/summarize")}
    new = {"a": constant("a", 2, 0, ""), "c": constant("c", 1, 0, ""), "t": Text("t", "two", "p/summarize")}
    (section,) = sections({"p": old}, {"p": new})
    assert [pair.new.value for pair in section.changes] == [2]
    assert [item.key for item in section.added] == ["c"]
    assert [item.key for item in section.removed] == ["b"]
    assert [(a.value, b.value) for a, b in section.texts] == [("one", "two")]
    assert sections({"p": old}, {"p": old})[0].changes == []
