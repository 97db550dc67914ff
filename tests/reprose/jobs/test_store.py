import json
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from local_server import closed_url
from made_up_jobs import MadeUp, Memory, changed, job, ran
from reprose.commands.forecast.reasons import why
from reprose.jobs import store as module
from reprose.jobs.assessment import ABSENT, BACK, HELD, VALID, Assessment
from reprose.jobs.audit import apply, report
from reprose.jobs.digests import Digests
from reprose.jobs.record import aside, identity, read_record
from reprose.jobs.sharing import Sharing, stores_of
from reprose.jobs.store import Stores

FIRST = job("first", ["in.txt"], outputs=("out.txt", "more.txt"))
SECOND = job("second", ["first/out.txt"])
JOBS = (FIRST, SECOND)
S3 = Path(__file__).resolve().parents[3] / ".venv/s3"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    enter(tmp_path / "first clone", monkeypatch)
    return tmp_path


@pytest.fixture
def place(folder):
    """A store that holds the results of both jobs."""
    for item in JOBS:
        ran(item, f"made by {item.name}")
    assert sharing(folder / "store").send(Assessment(MadeUp(list(JOBS)), digests()), JOBS) == 2
    return folder / "store"


def enter(path, monkeypatch):
    """Go to another clone, in which nothing was built."""
    path.mkdir()
    monkeypatch.chdir(path)
    Path("in.txt").write_text("given")


def digests():
    return Digests(Path("digests.json"))


def sharing(*addresses, jobs=JOBS):
    return Sharing(MadeUp(list(jobs)), Stores(map(str, addresses), Path("sent.json")))


def build(*addresses, jobs=JOBS):
    """Build as the front door does, wave after wave; return the names of the jobs that ran."""
    shared, made = sharing(*addresses, jobs=jobs), []
    for _ in range(len(jobs) + 1):
        found = shared.retrieve(digests())
        apply(found, Memory())
        for item in [item for item in found.must if all(Path(path).exists() for path in item.paths)][:1]:
            Path(item.record).parent.mkdir(exist_ok=True)
            ran(item, f"made by {item.name}")
            made.append(item.name)
    found = Assessment(MadeUp(list(jobs)), digests())
    assert not found.not_valid(jobs)
    shared.send(found, jobs)
    return made


def outputs():
    return {path: Path(path).read_bytes() for item in JOBS for path in item.outputs.values()}


def test_another_clone_takes_all_and_runs_nothing(place, folder, monkeypatch, capsys):
    made = outputs()
    enter(folder / "second clone", monkeypatch)
    shared = sharing(place)
    assert [finding.state for finding in shared.look(digests()).findings.values()] == [HELD, HELD]
    assert not Path("first").exists()  # a look changes nothing
    found = shared.retrieve(digests())
    assert [finding.state for finding in found.findings.values()] == [BACK, BACK]
    report(found, why)
    assert f"results are taken from {place}" in capsys.readouterr().err
    apply(found, Memory())
    assert outputs() == made
    assert json.loads(Path(FIRST.run_record).read_text())["store"] == str(place)
    assert build(place) == []


def test_only_what_a_build_wants_is_taken(place, folder, monkeypatch):
    enter(folder / "second clone", monkeypatch)
    found = sharing(place).retrieve(digests(), {FIRST.record})
    assert [finding.state for finding in found.findings.values()] == [BACK, ABSENT]


@pytest.mark.parametrize("edit", ["key", "input"])
def test_results_of_another_key_or_input_are_none(place, folder, monkeypatch, edit):
    enter(folder / "second clone", monkeypatch)
    jobs = (changed(FIRST, 2), SECOND) if edit == "key" else JOBS
    if edit == "input":
        Path("in.txt").write_text("another")
    assert sharing(place, jobs=jobs).look(digests()).held == []
    assert FIRST.name in build(place, jobs=jobs)


def test_stores_are_asked_in_their_order_and_what_only_gives_is_not_written(place, folder, monkeypatch):
    enter(folder / "second clone", monkeypatch)
    before = sorted(place.rglob("*"))
    near = folder / "near"
    assert build(f"readonly+{place}", near, jobs=(changed(FIRST, 2), SECOND)) != []
    assert sorted(place.rglob("*")) == before
    enter(folder / "third clone", monkeypatch)
    assert build(f"readonly+{place}", f"readonly+{near}", jobs=(changed(FIRST, 2), SECOND)) == []


def test_what_was_sent_is_remembered_and_sent_again_when_asked(place):
    shutil.rmtree(place)
    found = Assessment(MadeUp(list(JOBS)), digests())
    assert sharing(place).send(found, JOBS) == 0
    assert sharing(place).send(found, JOBS, again=True) == 2


def test_what_one_store_lacks_comes_from_the_next(place, folder, monkeypatch, capsys):
    other = folder / "other"
    shutil.copytree(place, other)
    digest = read_record(Path(FIRST.record)).outputs["first/out.txt"]
    (place / "objects" / digest[:2] / digest).unlink()
    enter(folder / "second clone", monkeypatch)
    assert build(place, other) == []
    assert json.loads(Path(FIRST.run_record).read_text())["store"] == str(other)
    assert "is missing" in capsys.readouterr().err


def test_a_store_on_the_web_gives(place, folder, monkeypatch):
    made = outputs()
    place.rename(folder / "results")
    handler = partial(SimpleHTTPRequestHandler, directory=folder)
    monkeypatch.setattr(SimpleHTTPRequestHandler, "log_message", lambda *_: None)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        enter(folder / "second clone", monkeypatch)
        assert build(f"http://127.0.0.1:{server.server_port}/results") == []
        server.shutdown()
    assert outputs() == made


def test_a_bucket_that_refuses_what_it_lacks_is_asked_for_the_rest(place, folder, monkeypatch, capsys):
    record_of(place, FIRST).unlink()

    class Bucket(SimpleHTTPRequestHandler):
        def send_error(self, code, *words):
            super().send_error(403, *words)

    place.rename(folder / "results")
    monkeypatch.setattr(SimpleHTTPRequestHandler, "log_message", lambda *_: None)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Bucket, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        enter(folder / "second clone", monkeypatch)
        assert build(f"http://127.0.0.1:{server.server_port}/results") == [FIRST.name]
        server.shutdown()
    assert capsys.readouterr().err.count("counts as not held") == 1


@pytest.mark.parametrize("address", ["nonsense://place", "http://127.0.0.1:9", "/proc/nowhere"])
def test_a_store_that_cannot_be_had_costs_a_warning(address, capsys):
    assert build(address) == [FIRST.name, SECOND.name]
    said = capsys.readouterr().err
    assert said.count("warning: ") == said.count(f"warning: store {address}") <= 2


def test_a_store_that_does_not_answer_costs_a_warning_and_is_not_asked_again(place, folder, monkeypatch, capsys):
    monkeypatch.setattr(module, "PATIENCE", 0.2)
    enter(folder / "second clone", monkeypatch)
    shared = sharing(place)
    monkeypatch.setattr(type(shared.stores.stores[0].files), "cat_file", lambda *_, **__: time.sleep(60))
    started = time.monotonic()
    assert shared.retrieve(digests()).must
    assert time.monotonic() - started < 30
    assert capsys.readouterr().err.count("no answer in 0 s") == 1


def test_a_full_store_keeps_no_half_object(place, folder, monkeypatch, capsys):
    shutil.rmtree(place)
    shared = sharing(place)
    files = shared.stores.stores[0].files

    def full(source, target, **_):
        Path(target).write_bytes(Path(source).read_bytes()[:3])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(files), "put_file", lambda self, source, target, **named: full(source, target))
    found = Assessment(MadeUp(list(JOBS)), digests())
    assert shared.send(found, JOBS, again=True) == 0
    assert [path for path in place.rglob("*") if path.is_file()] == []
    assert capsys.readouterr().err.count("warning: ") == 1


def test_an_upload_that_was_killed_counts_for_nothing(place, folder, monkeypatch):
    shutil.rmtree(place)
    program = f"""
import os, sys
sys.path[:0] = {sys.path!r}
from fsspec.implementations.local import LocalFileSystem
real = LocalFileSystem.put_file
def dying(self, source, target, **named):
    real(self, source, target, **named)
    if target.endswith(sys.argv[1]):
        os._exit(9)
LocalFileSystem.put_file = dying
from test_store import *
found = Assessment(MadeUp(list(JOBS)), digests())
sharing({str(place)!r}).send(found, JOBS, again=True)
"""
    last = sorted(read_record(Path(FIRST.record)).outputs.values())[-1]
    command = [sys.executable, "-c", program, last]
    paths = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    assert subprocess.run(command, env={**os.environ, "PYTHONPATH": paths}, check=False).returncode == 9
    assert list(place.rglob(".new.*"))
    enter(folder / "second clone", monkeypatch)
    assert build(place) == [FIRST.name, SECOND.name]
    enter(folder / "third clone", monkeypatch)
    assert build(place) == []


@pytest.mark.parametrize("path", ["../elsewhere.txt", "first/../../elsewhere.txt", "/elsewhere.txt", "first/.stale/x"])
def test_a_record_that_names_a_place_elsewhere_is_refused(place, folder, monkeypatch, capsys, path):
    file = record_of(place, FIRST)
    told = json.loads(file.read_text())
    told["record"]["outputs"][path] = told["record"]["outputs"]["first/out.txt"]
    told["sizes"][path] = 3
    told["sha256"] = module._digest_of(told)
    file.write_text(json.dumps(told))
    enter(folder / "second clone", monkeypatch)
    assert sharing(f"readonly+{place}").look(digests()).held == []
    assert "is damaged" in capsys.readouterr().err


def test_a_hundred_damages_and_each_build_is_right(place, folder, monkeypatch, capsys):
    """Whatever is wrong with a store, results are right, and the build that finds it sends what is missing."""
    made, whole = outputs(), folder / "whole"
    place.rename(whole)
    drawn, hurt = random.Random(1), 0
    for number in range(100):
        store = folder / f"store {number}"
        shutil.copytree(whole, store)
        told = damage(store, drawn)
        enter(folder / f"clone {number}", monkeypatch)
        hurt += bool(build(store))
        assert outputs() == made, told
        enter(folder / f"clone {number} later", monkeypatch)
        assert build(store) == [], told
        assert outputs() == made, told
    assert hurt > 50


def damage(store, drawn):
    """Damage one file or two; return what was done."""
    files = sorted(path for path in store.rglob("*") if path.is_file())
    path, other = drawn.sample(files, 2)
    how = drawn.choice(["flip", "cut", "empty", "delete", "swap", "longer", "nonsense"])
    content = path.read_bytes()
    if how == "flip":
        position, bit = drawn.randrange(len(content)), 1 << drawn.randrange(8)
        path.write_bytes(content[:position] + bytes([content[position] ^ bit]) + content[position + 1 :])
    elif how == "swap":
        path.write_bytes(other.read_bytes())
        other.write_bytes(content)
    elif how == "delete":
        path.unlink()
    else:
        size = drawn.randrange(len(content))
        path.write_bytes({"cut": content[:size], "empty": b"", "longer": content + b"?"}.get(how, b"[1, {}]"))
    return how, path


def record_of(place, item):
    """Return the file that holds the record of a job whose results are here."""
    name = identity(item.key, read_record(Path(item.record)).inputs)
    return place / "records" / name[:2] / name


def test_two_builds_may_send_at_once(place, folder):
    shutil.rmtree(place)
    found = Assessment(MadeUp(list(JOBS)), digests())
    shared, made = [sharing(place) for _ in range(4)], [(item, read_record(Path(item.record))) for item in JOBS]
    threads = [threading.Thread(target=item.stores.send, args=(made, True)) for item in shared]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shutil.rmtree("first")
    shutil.rmtree("second")
    assert len(sharing(place).look(digests()).held) == 2
    assert found.findings[FIRST.record].state == VALID
    assert not list(place.rglob(".new.*"))


def test_what_lies_aside_already_is_not_lost_before_what_comes_is_whole(place, folder):
    apply(Assessment(MadeUp([changed(FIRST, 2), SECOND]), digests()), Memory())  # sets the first state aside
    assert aside(FIRST.record).exists()
    found = sharing(place).retrieve(digests())
    assert found.findings[FIRST.record].state == BACK  # by what lies aside: the store is not asked
    assert found.brought == {}


def test_stores_are_named_by_the_variable_or_else_by_the_config(monkeypatch):
    config = {"stores": ["readonly+/shared", "https://example.org/results"]}
    named = stores_of(config).stores
    assert [(store.url, store.writable) for store in named] == [
        ("/shared", False),
        ("https://example.org/results", False),
    ]
    monkeypatch.setenv("REPROSE_STORE", "/own s3://bucket/results")
    assert [(store.url, store.writable) for store in stores_of(config).stores] == [
        ("/own", True),
        ("s3://bucket/results", True),
    ]


def test_no_step_reaches_for_a_store():
    """On a cluster, the machines where steps run need not be able to."""
    program = (
        "import importlib, pkgutil, sys, reprose.steps\n"
        "for module in pkgutil.iter_modules(reprose.steps.__path__, 'reprose.steps.'):\n"
        "    module.name.endswith('__main__') or importlib.import_module(module.name)\n"
        "print({'reprose.jobs.store', 'reprose.jobs.sharing'} & {*sys.modules}, len(sys.modules))"
    )
    path = os.pathsep.join(sys.path)
    done = subprocess.run([sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": path}, capture_output=True)
    assert done.stdout.decode().startswith("set() "), done.stderr


@pytest.fixture
def bucket(monkeypatch):
    """The address of a bucket of a real S3 server on this machine."""
    if not (S3 / "ready").exists():
        pytest.skip(f"{S3} is missing; 'make .venv/s3/ready' installs it")
    port = closed_url().rpartition(":")[2]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "moto.server", "-p", port]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(S3)}, **quiet) as server:
        signed = {"Authorization": "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/s3/aws4_request"}
        while server.poll() is None:
            with suppress(requests.ConnectionError):
                requests.put(f"{url}/bucket", headers=signed, timeout=60).raise_for_status()
                break
            time.sleep(0.1)
        for name, value in {"ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b", "REGION": "us-east-1"}.items():
            monkeypatch.setenv(f"AWS_{name}", value)
        monkeypatch.setenv("AWS_ENDPOINT", url)
        yield "s3://bucket/a folder"
        server.kill()


def test_a_store_in_a_bucket_takes_and_gives(bucket, folder, monkeypatch):
    assert build(bucket) == [FIRST.name, SECOND.name]
    made = outputs()
    enter(folder / "second clone", monkeypatch)
    assert build(bucket) == []
    assert outputs() == made
    (store,) = sharing(bucket).stores.stores
    for path in store.listed("objects"):
        store.remove(path)
    enter(folder / "third clone", monkeypatch)
    assert build(bucket) == [FIRST.name, SECOND.name]
    assert outputs() == made
