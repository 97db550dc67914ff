import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reprose.steps import forkserver

pytestmark = pytest.mark.skipif(not forkserver.is_possible(), reason="forks are served on a recent Linux alone")

ROOT = Path(__file__).resolve().parents[3]
STAND_IN = """
import os, sys
from reprose.steps import forkserver

sys.argv[1:] = forkserver.serve(os.getcwd(), {"who": "we"})
exec(sys.argv[1])
"""  # for reprose.steps: what it runs is the text that it is given
ASK = """
import os, sys
from reprose.steps import forkserver

wanted = {"threads": int(os.environ.get("THREADS", "1")), "torch": "WITHOUT_TORCH" not in os.environ}
status = forkserver.request(os.getcwd(), {"who": sys.argv[1]}, sys.argv[2:], wanted)
print("status", status, flush=True)
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A folder in which a server runs."""
    folder = tmp_path_factory.mktemp("served")
    yield from serving(folder)


def serving(folder, path=str(ROOT)):
    command = [sys.executable, "-c", STAND_IN]
    environment = {**os.environ, "PYTHONPATH": path}
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout.readline() == b"ready\n"
            yield folder
        finally:
            server.kill()


def ask(folder, text, who="we", **variables):
    """Return what a program that is run by the server prints, and how it ended."""
    command = [sys.executable, "-c", ASK, who, text]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert not done.stderr, done.stderr
    *printed, status = done.stdout.splitlines()
    return printed, status


def test_a_child_has_the_arguments_streams_and_variables_of_who_asked(served):
    text = "import os; print(os.environ['MINE'], os.environ.get('OTHER'), len(os.listdir('/proc/self/fd')))"
    assert ask(served, text, OTHER="other", MINE="")[1] == "status 0"
    printed, status = ask(served, text, MINE="mine")
    assert status == "status 0"
    assert printed == ["mine None 4"]  # no descriptor of the server or of another child is left, but that of the folder


@pytest.mark.parametrize("text", ["raise SystemExit(3)", "import os, signal; os.kill(os.getpid(), signal.SIGTERM)"])
def test_who_asked_learns_how_the_child_ended(served, text):
    assert ask(served, text)[1] == ("status 3" if "3" in text else "status -15")


def test_torch_is_loaded_but_hidden_until_it_is_imported(served):
    text = """
import sys
print(any(name.partition(".")[0] == "torch" for name in sys.modules), "sympy" in sys.modules)
before = set(sys.modules)
from torch.nn import Parameter
import torch
print(sum(not name.startswith("torch") for name in set(sys.modules) - before))
found = Parameter(torch.ones(3))
optimizer = torch.optim.Adam([found], lr=0.1)
found.sum().backward()
optimizer.step()
print(torch.__spec__.name, torch.__spec__.origin is not None, round(found[0].item(), 3), torch.get_num_threads())
"""
    for threads in ("1", "2", "1"):
        printed, status = ask(served, text, THREADS=threads)
        assert (printed[0][:5], printed[2], status) == ("False", f"torch True 0.9 {threads}", "status 0")
    assert (printed[0], printed[1]) == ("False True", "0")  # nothing was imported anew, also not for the optimizer


def test_a_step_with_other_surroundings_works_itself(served):
    assert ask(served, "print('never')", who="others") == ([], "status None")
    assert ask(served.parent, "print('never')") == ([], "status None")  # no server is there


def test_a_child_ends_with_who_asked(served):
    text = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
    command, environment = [sys.executable, "-c", ASK, "we", text], {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=served, env=environment, stdout=subprocess.PIPE) as asking:
        child = int(asking.stdout.readline())
        asking.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 60
        while os.path.exists(f"/proc/{child}") and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not os.path.exists(f"/proc/{child}")
    assert ask(served, "print('on')") == (["on"], "status 0")


def test_where_torch_cannot_be_imported_the_step_says_so_itself(tmp_path):
    (tmp_path / "torch.py").write_text("raise ImportError('broken')\n")
    for folder in serving(tmp_path, os.pathsep.join([str(tmp_path), str(ROOT)])):
        assert [ask(folder, "print('never')")[1] for _ in range(2)] == ["status None"] * 2


def test_a_package_in_the_folder_of_the_project_is_imported_by_steps_alone(tmp_path):
    (tmp_path / "yaml.py").write_text("")
    for folder in serving(tmp_path, os.pathsep.join([str(tmp_path), str(ROOT)])):
        assert [ask(folder, "print('never')", WITHOUT_TORCH="")[1] for _ in range(3)] == ["status None"] * 3
        assert ask(folder, "print('on')", THREADS="1")[1] == "status 0"  # torch does not import that one


def test_packages_that_are_installed_anew_are_other_surroundings(tmp_path, monkeypatch):
    folder = tmp_path / "site-packages"
    folder.mkdir()
    monkeypatch.setattr(sys, "path", [*sys.path, str(folder)])
    before = forkserver.surroundings({})
    assert forkserver.surroundings({}) == before
    os.utime(folder, ns=(1, 1))  # as when a package comes or goes
    assert forkserver.surroundings({}) != before
    monkeypatch.chdir(tmp_path)
    assert forkserver.surroundings({})["folder"] != before["folder"]


def test_an_older_linux_has_no_server(monkeypatch):
    def refuse(process):
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(os, "pidfd_open", refuse)
    assert not forkserver.is_possible()
    monkeypatch.delattr(os, "pidfd_open")
    assert not forkserver.is_possible()


def test_the_surroundings_hold_the_environment_of_steps():
    assert forkserver.surroundings({"A": "1"}) != forkserver.surroundings({"A": "2"})
    assert forkserver.surroundings({"REPROSE_COMMIT": "1"}) == forkserver.surroundings({})
    assert json.loads(json.dumps(forkserver.surroundings({}))) == forkserver.surroundings({})


TORCH = {"versions": {"torch": "2"}}


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        ({**TORCH, "compute": {"device": "cpu", "threads": 2}}, {"threads": 2, "torch": True}),
        ({**TORCH, "compute": {"device": "cuda", "threads": 1}}, {"threads": 1, "torch": True}),
        ({**TORCH, "environment": {"TORCH_LOGS": "all"}, "compute": {"device": "cpu", "threads": 1}}, None),
        ({"versions": {"numpy": "2"}, "compute": {"device": "cpu", "threads": 1}}, {"threads": 1, "torch": False}),
        ({}, {"threads": 1, "torch": False}),
    ],
)
def test_a_step_with_variables_of_its_own_is_not_served_and_another_as_its_key_says(key, wanted):
    assert forkserver.wanted(key) == wanted


def test_a_step_without_torch_is_forked_from_a_process_without_it(served):
    text = """
import sys
print(*(name in sys.modules for name in ("numpy", "jinja2", "torch")))
"""
    assert ask(served, text, WITHOUT_TORCH="") == (["True True False"], "status 0")
