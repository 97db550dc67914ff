import os
import time

import pytest

from reprose.base.canonical import file_digest
from reprose.jobs import digests
from reprose.jobs.digests import YOUNG, Digests


def test_an_edit_in_the_same_tick_of_the_file_system_is_seen(tmp_path, monkeypatch):
    file, cache, now = tmp_path / "a.csv", tmp_path / "digests.json", time.time_ns()
    monkeypatch.setattr(digests, "_stamp", lambda name: [os.stat(name).st_size, now, now, os.stat(name).st_ino])
    for text in ("one", "two"):
        file.write_text(text)
        known = Digests(cache)
        assert known.of(file) == file_digest(file)
        known.save()


def test_what_was_changed_long_ago_is_remembered(tmp_path, monkeypatch):
    file, cache = tmp_path / "a.csv", tmp_path / "digests.json"
    file.write_text("one")
    monkeypatch.setattr(digests.time, "time_ns", lambda: os.stat(file).st_ctime_ns + YOUNG)
    known = Digests(cache)
    known.of(file)
    known.save()
    monkeypatch.setattr(digests, "file_digest", lambda path: pytest.fail("read again"))
    assert Digests(cache).of(file) == file_digest(file)


def test_a_memory_that_learned_nothing_is_not_written(tmp_path, monkeypatch):
    file, cache = tmp_path / "a.csv", tmp_path / "digests.json"
    file.write_text("one")
    monkeypatch.setattr(digests.time, "time_ns", lambda: os.stat(file).st_ctime_ns + YOUNG)
    for writes in (True, False):
        before = cache.stat().st_ino if cache.exists() else None
        known = Digests(cache)
        known.of(file)
        known.save()
        assert (cache.stat().st_ino != before) == writes
