"""The reader, the split and the sample maker of AG News."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reprose.base.errors import ReproseError
from scripts.datasets import ag_news

SIZES = {"articles": 200, "topics": 6}
SPLIT = {"seed": 1, "held_out": 0.2, "tested": 0.2, "fewest": 3, "largest_share": 0.2}
GOOD = '"3","Fears for T N pension","Workers ""disappointed"" after talks\\with &lt;b&gt;firm&lt;/b&gt; #39;s men"\n'


@pytest.fixture
def folder(tmp_path):
    ag_news.make_sample(tmp_path, seed=3, **SIZES)
    return tmp_path


def rows(part):
    """Return each article as a dictionary word -> count."""
    names, ends = part["words"], part["indptr"]
    return [
        dict(zip(names[part["indices"][a:b]].tolist(), part["counts"][a:b].tolist(), strict=True))
        for a, b in zip(ends[:-1], ends[1:], strict=True)
    ]


def test_an_article_is_read_as_counts_of_its_words(folder):
    (folder / "test.csv").write_text(GOOD + '"1","Talks talks","Talks; the PENSION-talks"\n')
    table = ag_news.read(folder)
    first = {"fears": 1, "pension": 1, "workers": 1, "disappointed": 1, "talks": 1, "firm": 1}
    assert rows(table) == [first, {"talks": 4, "pension": 1}]
    assert table["classes"].tolist() == [3, 1]
    assert table["class_names"].tolist() == ["World", "Sports", "Business", "Sci/Tech"]
    assert sorted(table["words"].tolist()) == table["words"].tolist()


def test_words_are_letters_of_no_markup_and_no_stop_word():
    text = 'Google #39;s caf\u00e9 &lt;A HREF="x.com"&gt;full&lt;/A&gt; would win $10m quot;oil quot; amp; gold\\silver'
    assert ag_news.words_of(text) == ["google", "full", "gold", "silver"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'"5","Title","Text"\n', "test.csv:2: class is '5', expected 1 to 4"),
        (b'"","Title","Text"\n', "test.csv:2: class is '', expected 1 to 4"),
        (b'"1","Title"\n', "test.csv:2: found 2 fields, expected 3: class, title, description"),
        (b'"1","Title","Text","More"\n', "test.csv:2: found 4 fields, expected 3"),
        (b"\n", "test.csv:2: found 0 fields, expected 3"),
        (b'"1"," ",""\n', "test.csv:2: title and description are empty"),
        (b'"1","Title","caf\xe9"\n', r"test.csv:2: found the bytes b'\\xe9', expected UTF-8"),
        (b'"1","Title","Te"xt"\n', "test.csv:2: no line of quoted fields"),
        (b'"1","Title","Text\n', "test.csv:2: no line of quoted fields"),
        (b'"1","Title","Text"', "test.csv:2: the last line has no end; the file is cut off"),
    ],
)
def test_a_bad_line_is_an_error_that_names_it(folder, line, message):
    (folder / "test.csv").write_bytes(GOOD.encode() + line)
    with pytest.raises(ReproseError, match=message):
        ag_news.read(folder)


def test_an_empty_file_is_an_error(folder):
    (folder / "test.csv").write_bytes(b"")
    with pytest.raises(ReproseError, match="test.csv: the file is empty"):
        ag_news.read(folder)


def test_a_missing_class_name_is_an_error(folder):
    (folder / "classes.txt").write_text("World\nSports\n")
    with pytest.raises(ReproseError, match="classes.txt: found 2 classes, expected 4"):
        ag_news.read(folder)


def test_the_large_file_is_read_too_once_it_is_listed(folder, monkeypatch):
    monkeypatch.setattr(
        "scripts.datasets.ag_news.SOURCE",
        replace(ag_news.SOURCE, files={**ag_news.SOURCE.files, "train.csv": "0" * 64}),
    )
    (folder / "train.csv").write_text(GOOD)
    assert len(ag_news.read(folder)["classes"]) == SIZES["articles"] + 1


def test_the_sample_has_the_format_of_the_published_file(folder):
    lines = (folder / "test.csv").read_text().splitlines()
    assert len(lines) == SIZES["articles"]
    for mark in ('""', "\\", "#39;", "&lt;b&gt;"):
        assert all(mark in line for line in lines)
    table = ag_news.read(folder)
    assert np.bincount(table["classes"], minlength=5)[1:].min() > 0
    assert (np.diff(table["indptr"]) > 0).all()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(folder, tmp_path_factory):
    other, third = (tmp_path_factory.mktemp(name) for name in ("other", "third"))
    ag_news.make_sample(other, seed=3, **SIZES)
    ag_news.make_sample(third, seed=4, **SIZES)
    assert (other / "test.csv").read_bytes() == (folder / "test.csv").read_bytes()
    assert (third / "test.csv").read_bytes() != (folder / "test.csv").read_bytes()


def test_the_words_of_a_made_up_topic_keep_together(folder):
    found = [[word[:2] for word, count in row.items() for _ in range(count)] for row in rows(ag_news.read(folder))]
    commonest = [max(map(first.count, set(first) - {"zu"})) / len(first) for first in found]
    assert np.mean(commonest) > 0.5


@pytest.mark.parametrize("sizes", [{"articles": 30, "topics": 6}, {"articles": 100, "topics": 3}])
def test_a_sample_too_small_for_its_topics_is_an_error(tmp_path, sizes):
    with pytest.raises(ReproseError, match="datasets.ag_news.sample: topics"):
        ag_news.make_sample(tmp_path, seed=1, **sizes)


def test_the_parts_hold_every_article_once(folder):
    table = ag_news.read(folder)
    everything = ag_news.split(table, **{**SPLIT, "fewest": 0, "largest_share": 1.0})
    assert [len(part["classes"]) for part in everything.values()] == [120, 40, 40]
    assert {name for part in everything.values() for name in part} == set(table)
    kept = set(everything["train"]["words"].tolist())
    expected = [{word: count for word, count in row.items() if word in kept} for row in rows(table)]
    found = [row for part in everything.values() for row in rows(part)]
    assert sorted(map(str, map(sorted, map(dict.items, found)))) == sorted(
        map(str, map(sorted, map(dict.items, expected)))
    )


def test_the_vocabulary_comes_from_the_training_part_alone(folder):
    parts = ag_news.split(ag_news.read(folder), **SPLIT)
    training = rows(parts["train"])
    in_articles = {word: sum(word in row for row in training) for word in parts["train"]["words"].tolist()}
    assert set(in_articles.values()) <= set(range(3, 25))  # 3 to a fifth of 120
    for part in parts.values():
        assert part["words"].tolist() == parts["train"]["words"].tolist()
        assert len(part["indptr"]) == len(part["classes"]) + 1
        assert part["indptr"][-1] == len(part["indices"]) == len(part["counts"])


def test_without_a_test_part_it_has_no_rows(folder):
    test = ag_news.split(ag_news.read(folder), **{**SPLIT, "tested": 0})["test"]
    assert (test["indptr"].tolist(), len(test["classes"]), len(test["indices"])) == ([0], 0, 0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"held_out": 0}, "held_out is 0, expected a share"),
        ({"tested": 0.6}, "tested is 0.6, expected a share"),
        ({"held_out": 0.5, "tested": 0.5}, "held_out 0.5 and tested 0.5 leave no training part"),
        ({"fewest": 100, "largest_share": 0.1}, "fewest 100 and largest_share 0.1 leave no word"),
    ],
)
def test_a_split_that_leaves_nothing_is_an_error(folder, change, message):
    with pytest.raises(ReproseError, match=message):
        ag_news.split(ag_news.read(folder), **{**SPLIT, **change})


@pytest.mark.real
def test_the_published_data_are_what_the_protocol_says():
    if "REPROSE_MIRROR" not in os.environ:
        pytest.skip("REPROSE_MIRROR is not set")
    table = ag_news.read(Path(os.environ["REPROSE_MIRROR"], "ag_news"))
    assert np.bincount(table["classes"]).tolist() == [0, 1900, 1900, 1900, 1900]
    assert not {"quot", "http", "href", "with", "that"} & set(table["words"].tolist())
