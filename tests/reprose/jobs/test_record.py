import pytest

from reprose.base.errors import ReproseError
from reprose.jobs.record import Record, read_record
from reprose.jobs.rules import job_name


def test_a_record_comes_back_as_it_went_and_its_bytes_are_stable(tmp_path):
    record = Record("toy/choose", {"rule": "choose", "b": 1, "a": 2}, {"in": "0" * 64}, {"out": "1" * 64})
    record.write(tmp_path / "one.json")
    Record("toy/choose", {"a": 2, "b": 1, "rule": "choose"}, {"in": "0" * 64}, {"out": "1" * 64}).write(
        tmp_path / "two.json"
    )
    assert read_record(tmp_path / "one.json") == record
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()


def test_names_say_what_and_by_which_rule():
    key = {"rule": "train", "problem": "toy", "variant": "plain", "batch": "main_1_2"}
    assert job_name(key) == "toy/plain/main_1_2/train"
    assert job_name({"rule": "fetch", "dataset": "line"}) == "data/line/fetch"


def test_a_file_that_is_no_record_is_an_error_that_names_it(tmp_path):
    (tmp_path / "provenance.json").write_text('{"name": "x"}')
    with pytest.raises(ReproseError, match=r"provenance.json: not a record of a job"):
        read_record(tmp_path / "provenance.json")
