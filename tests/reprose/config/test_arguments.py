"""Functions of a project take what steps give them, as far as their text says."""

import pytest

from reprose.base.errors import ReproseError
from reprose.config.arguments import check_entry
from toy_code import write

TRAIN = "scripts/problems/toy/train.py"


@pytest.mark.parametrize(
    "text",
    [
        "def train(runs, data, used, device): ...",
        "def train(runs, /, *rest, more=1): ...",
        "def train(runs, data, used, device, more=None, **options): ...",
        "@wrapped\ndef train(): ...",
        "train = partial(other)",
        "from scripts.problems.toy.loop import train",
    ],
)
def test_what_can_be_called_is_taken(tmp_path, monkeypatch, text):
    monkeypatch.chdir(write(tmp_path, {TRAIN: text}))
    check_entry("scripts.problems.toy.train:train")


@pytest.mark.parametrize(
    ("entry", "text", "told"),
    [
        ("problems.toy.train:train", "x = 1", "no function 'train'. Write 'def train\\(runs, data, used, device\\):'"),
        (
            "problems.toy.train:train",
            "\ndef train(runs, data): ...",
            "train.py:2: 'train' takes \\(runs, data\\). It is given, by place: runs, data, used, device.",
        ),
        ("problems.toy.train:train", "def train(a, b, c, d, e): ...", "'train' takes"),
        ("problems.toy.train:train", "def train(a, b, c, d, *, e): ...", "'train' takes"),
        ("problems.toy.train:measure", "def measure(run, part): ...", "given, by place: run, weights, part"),
        ("problems.toy.evaluate:evaluate", "def evaluate(run): ...", "given, by place: run, weights, data"),
        ("problems.toy.figures:draw", "def draw(): ...", "'draw' takes \\(\\). It is given, by place: results"),
        ("problems.toy.summary:summarize", "def sumarize(results): ...", "no function 'summarize'"),
        ("datasets.line:read", "def read(): ...", "scripts/datasets/line.py:1: 'read' takes"),
    ],
)
def test_what_cannot_be_called_is_told_with_its_line_and_what_it_is_given(tmp_path, monkeypatch, entry, text, told):
    file = f"scripts/{entry.partition(':')[0].replace('.', '/')}.py"
    monkeypatch.chdir(write(tmp_path, {file: text}))
    with pytest.raises(ReproseError, match=told):
        check_entry(f"scripts.{entry}")
