import os
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from reprose.base.files import remove_folder, scratch_prefix, sweep_scratch, sweep_temporary, write_whole


def test_a_file_is_written_whole_or_stays_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "state"
    write_whole(path, b"first")

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OSError, match="No space left") as caught:
        write_whole(path, b"second")
    assert caught.value.filename == str(path)
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


def test_threads_may_write_the_same_file_at_once(tmp_path):
    path = tmp_path / "state"
    ready = threading.Barrier(4)

    def write(letter):
        ready.wait()
        for _ in range(200):
            write_whole(path, letter * 1000)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, [b"a", b"b", b"c", b"d"]))
    content = path.read_bytes()
    assert content == content[:1] * 1000
    assert list(tmp_path.iterdir()) == [path]


def test_temporary_files_of_killed_steps_are_swept_away(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/.new.17.weights.npz").write_text("half")
    (tmp_path / "deep/.new.17.folder").mkdir()
    (tmp_path / "deep/.new.17.folder/.new.half").write_text("half")
    (tmp_path / "deep/weights.npz").write_text("whole")
    sweep_temporary([tmp_path])
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["weights.npz"]


def test_scratch_folders_of_this_project_alone_are_swept_away(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for name in ("one", "other"):
        (tmp_path / "projects" / name).mkdir(parents=True)
        monkeypatch.chdir(tmp_path / "projects" / name)
        Path(tempfile.mkdtemp(prefix=scratch_prefix())).joinpath("left").write_text("by a kill")
    sweep_scratch()
    monkeypatch.chdir(tmp_path / "projects/one")
    (left,) = tmp_path.glob("reprose-*")
    assert left.name.startswith(scratch_prefix())


def test_a_folder_goes_with_those_above_it_that_become_empty(tmp_path):
    for batch in ("a", "b"):
        (tmp_path / "checkpoints/toy" / batch / "@eaDir/state").mkdir(parents=True)  # of a storage server
        (tmp_path / "checkpoints/toy" / batch / "state").write_text("")
    remove_folder(tmp_path / "checkpoints/toy/a", tmp_path / "checkpoints")
    assert [path.name for path in (tmp_path / "checkpoints/toy").iterdir()] == ["b"]
    remove_folder(tmp_path / "checkpoints/toy/b", tmp_path / "checkpoints")
    assert list(tmp_path.iterdir()) == []
