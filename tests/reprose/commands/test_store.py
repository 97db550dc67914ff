"""What `reprose store` tells of a store, and what it deletes there."""

import json
import os
import re
from pathlib import Path

import pytest

from made_up_jobs import MadeUp, changed, job, ran
from reprose.base.errors import ReproseError
from reprose.commands import store as command
from reprose.jobs.assessment import Assessment
from reprose.jobs.digests import Digests
from reprose.jobs.sharing import Sharing
from reprose.jobs.store import Stores

FIRST = job("first", ["in.txt"], outputs=("out.txt", "more.txt"))
SECOND = job("second", ["first/out.txt"])
JOBS = (FIRST, SECOND)
COMMIT = "a" * 40


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """A store that holds the results of both jobs, made at no commit, as seen from another clone without results."""
    enter(tmp_path / "first clone", monkeypatch)
    for item in JOBS:
        ran(item, f"made by {item.name}")
    shared = sharing(tmp_path / "store")
    assert shared.send(Assessment(shared.jobs, Digests(Path("digests.json"))), JOBS) == 2
    enter(tmp_path / "second clone", monkeypatch)
    monkeypatch.setattr(command, "commit_of", lambda name: COMMIT)
    monkeypatch.setattr(command, "git", lambda *words: "")
    return tmp_path / "store"


def enter(path, monkeypatch):
    path.mkdir()
    monkeypatch.chdir(path)
    Path("in.txt").write_text("given")


def sharing(*addresses, jobs=JOBS):
    return Sharing(MadeUp(list(jobs)), Stores(map(str, addresses), Path("sent.json")))


def files(place):
    return sorted(path for path in place.rglob("*") if path.is_file())


def age(place, hours=2):
    for path in files(place):
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - hours * 3600))


def prune(place, jobs=JOBS):
    shared = sharing(place, jobs=jobs)
    return command._prune(shared.stores.stores, [shared], "HEAD~20")


def test_what_today_s_state_needs_stays_though_nothing_is_built_here(place, capsys):
    age(place)
    before = files(place)
    assert prune(place) == 0
    assert files(place) == before
    assert "forgot the results of 0 jobs, freed 0.0 MB" in capsys.readouterr().out


def test_what_nothing_needs_goes_with_what_killed_builds_left(place, capsys):
    for folder in ("objects/ab", "records/ab"):
        (place / folder).mkdir(exist_ok=True, parents=True)
        (place / folder / ".new.123.abc").write_text("half")
    age(place)
    assert prune(place, jobs=(changed(FIRST, 2), SECOND)) == 0
    assert files(place) == []
    assert "forgot the results of 2 jobs" in capsys.readouterr().out


def test_what_is_being_written_stays(place, capsys):
    (place / "records/ab").mkdir()
    (place / "records/ab/.new.123.abc").write_text("half")
    assert prune(place) == 0
    assert (place / "records/ab/.new.123.abc").exists()
    assert "forgot the results of 0 jobs" in capsys.readouterr().out


@pytest.mark.parametrize("content", ["[1, {}]", '{"a": 1}', "", "null"])
def test_a_damaged_record_goes(place, capsys, content):
    record = files(place / "records")[0]
    record.write_text(content)
    assert prune(place) == 0
    assert not record.exists()
    assert re.search("forgot the results of (0 jobs|1 job), freed", capsys.readouterr().out)  # one that can be read


def test_what_was_made_at_a_commit_that_is_kept_stays(place, capsys, monkeypatch):
    monkeypatch.setattr(
        command, "COMMIT", type("", (), {"search": lambda text: type("", (), {"group": lambda: COMMIT})})
    )
    age(place)
    before = files(place)
    prune(place, jobs=(changed(FIRST, 2), SECOND))
    assert files(place) == before


def status(*addresses):
    shared = sharing(*addresses)
    shared.jobs.tier = "sample"
    return command._status(shared, Digests(Path("digests.json")))


def test_status_counts_what_can_be_taken_whole(place, capsys):
    assert status(place) == 0
    assert "of 2 jobs 0 are up to date here, 2 can be taken from stores\n" in capsys.readouterr().out
    told = [json.loads(path.read_text()) for path in files(place / "records")]
    digest = next(each["record"]["outputs"]["first/more.txt"] for each in told if each["record"]["name"] == FIRST.name)
    (place / "objects" / digest[:2] / digest).unlink()
    status(place)
    assert "1 can be taken from stores; of 1 more, files are missing there" in capsys.readouterr().out


def test_status_counts_one_as_one(tmp_path, capsys):
    shared = sharing(tmp_path / "other", jobs=(FIRST,))
    shared.jobs.tier = "sample"
    command._status(shared, Digests(Path("digests.json")))
    assert "0 jobs, 0 objects, 0.0 MB\nsample: of 1 job 0 are up to date here" in capsys.readouterr().out


def test_status_of_a_store_that_is_away_is_said(place, capsys):
    assert status("http://127.0.0.1:9", place) == 1
    told = capsys.readouterr()
    assert "http://127.0.0.1:9: does not tell what it holds" in told.out
    assert "2 can be taken from stores" in told.out


def test_a_push_that_no_store_takes_is_an_error(place):
    with pytest.raises(ReproseError, match="no store takes results"):
        command._push(sharing(f"readonly+{place}"), Digests(Path("digests.json")))


def test_a_push_that_a_store_does_not_take_ends_with_1(place, capsys):
    for item in JOBS:
        ran(item, f"made by {item.name}")
    Path("file").write_text("in the way")
    assert command._push(sharing("file/store"), Digests(Path("digests.json"))) == 1
    assert "Nothing more is written there" in capsys.readouterr().err
