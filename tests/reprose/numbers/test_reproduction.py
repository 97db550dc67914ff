from dataclasses import replace
from pathlib import Path

import pytest

from reprose.base.errors import ReproseError
from reprose.numbers.registry import constant, measured
from reprose.numbers.reproduction import Document, Printed, Statement, read_published, reproduction, statements

SHIPPED = Path(__file__).parents[3] / "report/style/published.yaml"
NUMBERS = {
    "run.error.raw": measured("run.error.raw", {123: 0.24719, 1: 0.25, 2: 0.26}, 4, "lower", "toy/run/choose"),
    "run.error.smoothed": measured("run.error.smoothed", {123: 0.24689, 1: 0.25}, 4, "lower", "toy/run/choose"),
}


def verdict(printed, tier="real", seed=123, decimals=0, **more):
    entry = Printed("3.a", "run", "error", printed, "run.error.raw", alternative="run.error.smoothed", **more)
    (row,) = reproduction(Document("document", "", seed, (entry,), decimals=decimals), NUMBERS, tier)
    return row.verdict


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("0.2472", "as printed"),
        ("0.247", "as printed"),
        ("0.2469", "labels swapped"),
        ("0.2550", "within seed spread"),
        ("0.2699", "no: it is 0.2472"),
        ("0.24", "no: it is 0.25"),
    ],
)
def test_the_verdict_follows_the_last_printed_digit(printed, expected):
    assert verdict(printed) == expected


@pytest.mark.parametrize(
    ("printed", "ours", "expected"),
    [
        ("3e-5", 0.0000312, "as printed"),
        ("3e-5", 0.4, "no: it is 0.40000"),
        ("1.2e-10", 1e-6, "no: it is 0.00000100000"),
        ("1.2e5", 120_300.0, "as printed"),
        ("1.2e5", 126_000.0, "no: it is 126,000"),
        ("1,234.5", 1234.52, "as printed"),
        ("\u22120.25", -0.2519, "as printed"),
    ],
)
def test_a_number_counts_as_a_document_writes_it(printed, ours, expected):
    entry = Printed("3.a", "run", "error", printed, "a")
    (row,) = reproduction(Document("document", "", None, (entry,)), {"a": constant("a", ours, 2, "toy/x")}, "real")
    assert row.verdict == expected


def test_a_row_is_right_under_one_pair_of_headings_or_not_at_all():
    numbers, entries = {}, []
    for label, raw, smoothed, printed in [
        ("loss", 0.11, 0.12, ("0.12", "0.11")),  # each under the other heading
        ("error", 0.21, 0.22, ("0.22", "0.21")),
        ("rank", 0.31, 0.32, ("0.31", "0.31")),  # the second is a copy: it should be 0.32 under these headings
        ("flat", 0.41, 0.41, ("0.41", "0.41")),
    ]:
        keys = f"{label}.raw", f"{label}.smoothed"
        numbers |= {key: constant(key, value, 2, "toy/x") for key, value in zip(keys, (raw, smoothed), strict=True)}
        pairs = zip(printed, ("value", "smoothed"), keys, keys[::-1], strict=True)
        entries += [Printed("3.a", "run", label, text, key, column, other) for text, column, key, other in pairs]
    rows = reproduction(Document("document", "", None, tuple(entries)), numbers, "real")
    assert [row.verdict for row in rows] == [
        *["labels swapped"] * 4,
        *["no: it is 0.32", "labels swapped"],
        *["as printed"] * 2,
    ]
    assert rows[4].difference == pytest.approx(0.01)


def test_a_dropped_trailing_zero_still_counts():
    assert verdict("0.247") == "as printed"
    assert verdict("0.247", decimals=4) == "no: it is 0.2472"


def test_a_stated_tolerance_replaces_the_rule():
    assert verdict("0.2570", tolerance=0.01) == "as printed"


def test_made_up_data_reproduce_nothing():
    assert verdict("0.2472", tier="sample") == "not comparable"


def test_a_seed_that_was_not_run_reproduces_nothing():
    assert verdict("0.3", seed=7) == "no: seed not run"


@pytest.mark.parametrize(("printed", "expected"), [("0.2472", "within seed spread"), ("0.300", "no: it is 0.252")])
def test_without_a_known_seed_the_mean_stands_for_all(printed, expected):
    entry = Printed("3.a", "run", "error", printed, "run.error.raw")
    (row,) = reproduction(Document("document", "", None, (entry,)), NUMBERS, "real")
    assert (row.verdict, row.ours) == (expected, pytest.approx((0.24719 + 0.25 + 0.26) / 3))


def test_each_comparison_of_a_sentence_is_a_row():
    sentence = Statement("3.a", "It is large.", "run.error.raw > 0.1 and run.error.smoothed < 0.1")
    rows = statements(Document("document", "", 123, (), (sentence,)), NUMBERS)
    assert [(comparison.verdict, first) for _, comparison, first in rows] == [("holds", True), ("reversed", False)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("d: {title: T, seed: 1, wrong: 2}", "unknown key 'wrong'"),
        ("d: {title: T}", "seed"),
        ("d: {title: T, seed: 1, numbers: [{key: a, printed: 0.5}]}", r"numbers\[0\]: 'printed' is 0.5; .*quotes"),
        ("d: {title: T, seed: 1, statements: [{says: x}]}", r"statements\[0\]"),
        (
            "d: {title: T, seed: 1, numbers: [{printed: '0,85'}]}",
            r"numbers\[0\]: 'printed' is '0,85', expected a number",
        ),
        ("d: {title: T, seed: 1, numbers: [{printed: '85 %'}]}", r"'85 %', expected a number such as '0.25', '1,234'"),
        (
            "d: {title: T, seed: 1, numbers: [{tolerance: '0.1'}]}",
            r"numbers\[0\]: 'tolerance' is '0.1', expected a number",
        ),
        ("d: {title: T, seed: '1'}", "d: 'seed' is '1', expected a whole number or null"),
        ("d: {title: T, seed: 1, decimals: true}", "d: 'decimals' is True, expected a whole number"),
        ("d: {title: T, seed: 1, numbers: [a]}", r"d.numbers\[0\] is 'a', expected a mapping"),
        ("d: {title: T, seed: 1, numbers: }", "d.numbers is None, expected a list"),
        ("d: [1]", r"d is \[1\], expected a mapping"),
    ],
)
def test_a_faulty_file_names_the_entry(tmp_path, text, message):
    (tmp_path / "published.yaml").write_text(text)
    with pytest.raises(ReproseError, match=message):
        read_published(tmp_path / "published.yaml")


def test_the_shipped_numbers_name_the_other_column_as_alternative():
    for entry in read_published(SHIPPED)["document_001"].numbers:
        swapped = {"raw": "smoothed", "smoothed": "raw"}
        metric, reading = entry.key.rsplit(".", 1)
        assert entry.alternative == f"{metric}.{swapped[reading]}"
        assert replace(entry, column=reading.replace("raw", "value")) == entry
