"""The surroundings of a step: a short list of variables, a home without files, and a Python that starts as always."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from reprose.steps.__main__ import environment, python_variables

ROOT = Path(__file__).resolve().parents[3]
PROBE = """
import json, os, sys, time
from pathlib import Path

def main(key, witness):
    found = {
        "variables": dict(os.environ), "hash": hash("a"), "optimize": sys.flags.optimize, "dev": sys.flags.dev_mode,
        "warnings": sys.warnoptions, "path": sys.path, "timezone": time.tzname[0], "home": str(Path.home()),
        "files": [str(path) for path in Path.home().rglob("*")], "bytecode": not sys.dont_write_bytecode,
        "process": os.getpid(), "argv": sys.argv, "encoding": sys.getfilesystemencoding(), "key": key,
    }
    Path("found.json").write_text(json.dumps(found))
"""


@pytest.fixture
def project(tmp_path):
    """A project with this engine and one more step, which tells what it finds."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "reprose").symlink_to(ROOT / "reprose")
    return folder


def describe(folder, **key):
    """Write the description of a job of the step that tells, and return its path."""
    (folder / "probe.py").write_text(PROBE)
    packages = {"reprose": "reprose/__init__.py", "reprose.steps": "reprose/steps/__init__.py"}
    files = {**packages, "reprose.steps.probe": "probe.py"}
    sources = {name: [file, hashlib.sha256((folder / file).read_bytes()).hexdigest()] for name, file in files.items()}
    path = folder / ".reprose/jobs/job.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps({"name": "probe", "key": {"rule": "probe", **key}, "sources": sources, "definitions": {}})
    )
    return path


def probe(folder, variables=None, **key):
    """Run that step with these variables beside the path, and return what it found and its process."""
    describe(folder, **key)
    command = [sys.executable, "-m", "reprose.steps", "probe", ".reprose/jobs/job.json"]
    given = {"PATH": os.environ["PATH"], **(variables or {})}
    running = subprocess.Popen(command, cwd=folder, env=given, stderr=subprocess.PIPE, text=True)
    _, said = running.communicate(timeout=600)
    assert running.returncode == 0, said
    return json.loads((folder / "found.json").read_text()), running.pid


def test_a_step_gets_only_the_variables_of_a_short_list(project):
    given = {"SECRET": "1", "TZ": "Asia/Tokyo", "LANG": "de_DE.UTF-8", "OMP_NUM_THREADS": "7", "TERM": "dumb"}
    given |= {"REPROSE_MIRROR": "/mirror", "SLURM_JOB_ID": "5", "CUDA_VISIBLE_DEVICES": "1"}
    found, _ = probe(project, {**given, "HOME": "/root", "XDG_CACHE_HOME": "/cache", "MPLCONFIGDIR": "/plots"})
    kept = ("TERM", "REPROSE_MIRROR", "SLURM_JOB_ID", "CUDA_VISIBLE_DEVICES")
    expected = {"PATH": os.environ["PATH"], **{name: given[name] for name in kept}, "TZ": "UTC", "LC_ALL": "C.UTF-8"}
    expected |= {"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "HOME": found["home"], "TMPDIR": found["home"]}
    expected["MPLCONFIGDIR"] = str(project / ".reprose/matplotlib")
    assert found["variables"] == expected
    assert found["timezone"] == "UTC"


def test_a_step_gets_the_variables_that_its_key_names_as_they_were_then(project):
    wanted = {"STYLE": "as keyed", "GONE": None, "HOME": "/as/keyed"}
    found, _ = probe(project, {"STYLE": "as it is now", "GONE": "as it is now"}, environment=wanted)
    assert found["variables"]["STYLE"] == "as keyed"
    assert "GONE" not in found["variables"]
    assert found["home"] == "/as/keyed"


def test_each_step_has_an_empty_home_of_its_own_which_is_gone_afterwards(project):
    homes = [probe(project, {"HOME": os.environ.get("HOME", "/root")})[0] for _ in range(2)]
    assert homes[0]["home"] != homes[1]["home"]
    for found in homes:
        assert found["files"] == []
        assert not Path(found["home"]).exists()


def test_the_folder_for_temporary_files_lies_where_the_person_says(project, tmp_path):
    place = tmp_path / "temporary"
    place.mkdir()
    found, _ = probe(project, {"TMPDIR": str(place)})
    assert Path(found["home"]).parent == place
    assert list(place.iterdir()) == []


@pytest.mark.parametrize(
    "variables",
    [
        {"PYTHONOPTIMIZE": "2"},
        {"PYTHONHASHSEED": "7"},
        {"PYTHONHASHSEED": "random"},
        {"PYTHONWARNINGS": "ignore"},
        {"PYTHONDEVMODE": "1"},
        {"PYTHONPATH": "/elsewhere"},
        {"PYTHONIOENCODING": "latin-1", "LC_ALL": "C"},
    ],
)
def test_variables_that_change_how_python_starts_reach_no_step(project, variables):
    plain, _ = probe(project)
    found, _ = probe(project, variables)
    for same in ("hash", "optimize", "dev", "warnings", "timezone", "encoding", "bytecode", "key", "argv"):
        assert found[same] == plain[same], same
    assert "/elsewhere" not in found["path"]
    assert not [name for name in variables if found["variables"].get(name) == variables[name]]


def test_a_step_that_starts_as_it_must_is_the_same_process(project):
    inherited = {"PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}  # as from Snakemake
    for variables in (inherited, {**inherited, "PYTHONOPTIMIZE": "1"}):
        found, process = probe(project, variables)
        assert found["process"] == process  # a new Python takes the place of the old one: a kill reaches it
        assert found["optimize"] == 0


def test_a_step_that_cannot_be_imported_tells_why(project):
    path = describe(project)
    (project / "probe.py").write_text("edited")
    command = [sys.executable, "-m", "reprose.steps", "probe", str(path.relative_to(project))]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    told = [line for line in done.stderr.splitlines() if line.startswith("| error: ")]
    assert told == [
        "| error: probe: UnkeyedError: probe.py: the text that this job was planned with is gone. Run the same command"
        " again."
    ]


def test_what_is_kept_is_taken_from_the_present_and_what_is_fixed_is_not(monkeypatch):
    for name, value in {"PATH": "/bin", "TZ": "Asia/Tokyo", "LANG": "de", "REPROSE_X": "1"}.items():
        monkeypatch.setenv(name, value)
    made = environment({"LANG": None, "COLOUR": "red"})
    assert made["PATH"] == "/bin" and made["REPROSE_X"] == "1"
    assert made["TZ"] == "UTC" and made["COLOUR"] == "red"
    assert "LANG" not in made


def test_only_variables_with_a_value_change_how_python_starts(monkeypatch):
    for name in [name for name in os.environ if name.startswith("PYTHON")]:
        monkeypatch.delenv(name)
    assert python_variables() == []
    monkeypatch.setenv("PYTHONHASHSEED", "0")
    monkeypatch.setenv("PYTHONPATH", "")
    assert python_variables() == []
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    assert python_variables() == ["PYTHONPATH"]


@pytest.mark.parametrize(
    ("wanted", "stdout", "status", "told"),
    [
        ("None", "", 0, ""),
        ("3", "", 3, ""),
        ("2**40", "", 0, ""),
        ("'in words'", "", 1, "in words\n"),
        ("None", ">/dev/full", 120, ""),
        ("1", ">/dev/full", 1, ""),
        ("None", ">&-", 0, ""),
    ],
)
def test_a_step_ends_as_python_would_and_loses_nothing(tmp_path, wanted, stdout, status, told):
    begin = "import atexit; from reprose.steps.__main__ import leave; atexit.register(print, 'at the end')"
    code = f"{begin}; file = open('kept', 'w'); file.write('held back'); print('said'); leave({wanted})"
    command = ["sh", "-c", f'"$0" -c "$1" {stdout}', sys.executable, code]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (status, told)
    assert (tmp_path / "kept").read_text() == "held back"
    assert done.stdout == ("" if stdout else "said\nat the end\n")
