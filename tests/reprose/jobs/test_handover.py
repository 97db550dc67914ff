import hashlib
import json
from pathlib import Path

import pytest

from made_up_jobs import job
from reprose.code.names import program
from reprose.jobs.handover import DESCRIPTIONS, SOURCES, description_file, hand_over, sweep


@pytest.fixture
def made(tmp_path, monkeypatch):
    """A job whose code is one module that imports another."""
    monkeypatch.chdir(tmp_path)
    Path("near.py").write_text("from far import value\n\n\ndef main():\n    return value\n")
    Path("far.py").write_text("value = 1\n")
    plain = job("first")
    return type(plain)(**{**vars(plain), "entries": ("near:main",), "program": program((("", tmp_path),))})


def test_a_step_gets_the_key_and_the_sources_by_their_digests(made):
    told = json.loads(hand_over(made, set()).read_text())
    assert told["key"] == made.key
    assert set(told["sources"]) == {"near", "far"}
    for file, digest in told["sources"].values():
        assert hashlib.sha256((SOURCES / digest).read_bytes()).hexdigest() == digest
        assert (SOURCES / digest).read_bytes() == Path(file).read_bytes()


def test_an_edit_after_the_keys_were_made_does_not_reach_the_step(made):
    assert made.digest
    Path("far.py").write_text("value = 2\n")
    told = json.loads(hand_over(made, set()).read_text())
    assert (SOURCES / told["sources"]["far"][1]).read_text() == "value = 1\n"


def test_what_is_there_already_is_not_written_again(made):
    file = hand_over(made, set())
    before = {path: path.stat().st_mtime_ns for path in [file, *SOURCES.iterdir()]}
    hand_over(made, set())
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_descriptions_and_sources_that_no_job_needs_are_swept_away(made):
    hand_over(made, set())
    (DESCRIPTIONS / "old.json").write_text("{}")
    (SOURCES / "old").write_text("")
    (DESCRIPTIONS / "@eaDir").mkdir()  # of a storage server
    sweep([made])
    (DESCRIPTIONS / "@eaDir").rmdir()
    assert list(DESCRIPTIONS.iterdir()) == [description_file(made)]
    assert len(list(SOURCES.iterdir())) == 2
