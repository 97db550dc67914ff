"""Text files of the data sets: a byte order mark, empty files, lines without an end."""

import codecs

import numpy as np
import pytest

from reprose.base.errors import ReproseError
from scripts.datasets import ag_news, eedi, glove_6b, ml_100k, sst2
from scripts.datasets.texts import read_lines

SIZES = {
    ag_news: {"articles": 60, "topics": 4},
    eedi: {"students": 30, "questions": 20, "answers": 500},
    glove_6b: {"words": 5},
    ml_100k: {"users": 40, "items": 70, "ratings": 900},
    sst2: {"sentences": 20, "held_out": 5},
}


@pytest.mark.parametrize("module", SIZES)
def test_a_byte_order_mark_is_left_out_by_every_reader(tmp_path, module):
    module.make_sample(tmp_path, seed=1, **SIZES[module])
    expected = module.read(tmp_path)
    for path in tmp_path.iterdir():
        path.write_bytes(codecs.BOM_UTF8 + path.read_bytes())
    found = module.read(tmp_path)
    assert found.keys() == expected.keys()
    assert [name for name in expected if not np.array_equal(found[name], expected[name])] == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "lines: the file is empty, expected words"),
        (codecs.BOM_UTF8 + b"\n", "lines: the file is empty"),
        (b"one\ntwo", "lines:2: the last line has no end"),
        (b"one\nt\xffo\n", r"lines:2: found the bytes b'\\xff', expected UTF-8 text"),
        (codecs.BOM_UTF16_LE + "one\n".encode("utf-16-le"), r"lines:1: found the bytes b'\\xff'"),
    ],
)
def test_what_is_no_text_of_whole_lines_is_an_error(tmp_path, content, message):
    path = tmp_path / "lines"
    path.write_bytes(content)
    with pytest.raises(ReproseError, match=message):
        read_lines(path, "words")
