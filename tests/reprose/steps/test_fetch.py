"""What a sample maker may leave."""

import hashlib

import pytest

from reprose.base.errors import ReproseError
from reprose.code.witness import flush_files
from reprose.steps.fetch import make_sample


def test_the_files_of_a_sample_are_moved_into_place_and_listed(tmp_path):
    manifest = make_sample(lambda folder, text: (folder / "a").write_text(text), tmp_path, {"text": "made"})
    assert manifest == {"a": {"sha256": hashlib.sha256(b"made").hexdigest()}}
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_folder_in_a_sample_is_an_error_and_leaves_nothing(tmp_path):
    with pytest.raises(ReproseError, match="writes the folder 'a', allowed: files"):
        make_sample(lambda folder: (folder / "a").mkdir(), tmp_path, {})
    assert list(tmp_path.iterdir()) == []


def test_what_the_maker_of_a_sample_has_not_closed_is_whole(tmp_path):
    left = []

    def make(folder):
        left.append(open(folder / "a", "w"))  # noqa: SIM115
        left[0].write("held back")

    manifest = make_sample(make, tmp_path, {}, flush_files)
    assert manifest == {"a": {"sha256": hashlib.sha256(b"held back").hexdigest()}}
    assert (tmp_path / "a").read_text() == "held back"
    left[0].close()
