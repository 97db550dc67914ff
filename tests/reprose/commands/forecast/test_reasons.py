import json
import subprocess
from types import SimpleNamespace

from reprose.code.fingerprint import Fingerprint
from reprose.commands.forecast.edits import altered
from reprose.commands.forecast.reasons import of_code, of_key

KEY = {
    "rule": "train", "code": "1", "seeds": [1, 2], "compute": {"threads": 1, "device": "cpu"},
    "trials": [["rate=0.1", {"rate": 0.1, "epochs": 5}], ["rate=0.2", {"rate": 0.2, "epochs": 5}]],
    "versions": {"numpy": "1.0", "old": "3"},
}  # fmt: skip


def test_equal_keys_differ_in_nothing():
    assert of_key(KEY, KEY) == []


def test_a_value_that_changed_in_all_trials_is_told_once():
    new = json.loads(json.dumps(KEY).replace('"epochs": 5', '"epochs": 6'))
    assert of_key(KEY, new) == ["hyperparameter epochs: 5 -> 6"]


def test_parameters_trials_lists_and_versions_are_told_by_name():
    new = {**KEY, "seeds": [1, 2, 3], "compute": {"threads": 2, "device": "cpu"}, "trials": KEY["trials"][:1]}
    new["versions"] = {"numpy": "1.1", "new": "2"}
    assert sorted(of_key(KEY, new)) == [
        "compute.threads: 1 -> 2",
        "no longer uses old",
        "now uses new 2",
        "seeds: now with 3",
        "trials: now without rate=0.2",
        "version of numpy: 1.0 -> 1.1",
    ]


def repository(folder, text):
    """Commit a file in a new repository; return the commit."""
    (folder / "scripts").mkdir()
    (folder / "scripts/choose.py").write_text(text)
    names = ["-c", "user.name=Someone", "-c", "user.email=someone@example.org", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q"], ["add", "."], [*names, "commit", "-qm", "Begin"]):
        subprocess.run(["git", *words], cwd=folder, check=True, timeout=60)
    return subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=folder, text=True, timeout=60).strip()


def test_the_line_of_a_definition_that_changed_is_shown_as_git_knows_it(tmp_path):
    commit = repository(tmp_path, 'RATE = 1\n\ndef main():\n    """Do."""\n    a = 1  # one\n    return a\n')
    file = tmp_path / "scripts/choose.py"
    file.write_text('RATE = 2\n\ndef main():\n    """Do it."""\n    a = 1\n    return -a\n')
    assert altered(tmp_path, commit, file, "RATE") == ["- RATE = 1", "+ RATE = 2"]
    assert altered(tmp_path, commit, file, "main") == ["- return a", "+ return -a"]
    assert altered(tmp_path, f"{commit}-dirty", file, "main") == []
    assert altered(tmp_path, "0" * 40, file, "main") == []


def test_of_an_engine_that_lies_elsewhere_git_knows_no_lines(tmp_path):
    commit = repository(tmp_path, "RATE = 1\n")
    file = tmp_path.parent / "elsewhere.py"
    file.write_text("RATE = 2\n")
    assert altered(tmp_path, commit, file, "RATE") == []


def test_definitions_that_changed_came_or_went_are_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    commit = repository(tmp_path, "RATE = 1\n\ndef main():\n    return RATE\n")
    (tmp_path / "scripts/choose.py").write_text("def main():\n    return other()\n\ndef other():\n    return 2\n")
    run = tmp_path / "run.json"
    run.write_text(json.dumps({"definitions": {"choose:main": "0", "choose:RATE": "1"}, "commit": commit}))
    definitions = {"choose:main": "1", "choose:other": "2"}
    job = SimpleNamespace(code=Fingerprint("", definitions, (), (), {"choose": str(tmp_path / "scripts/choose.py")}))
    said = of_code(run, job)
    assert said == ["choose:main changed\n- return RATE\n+ return other()", "new: choose:other", "gone: choose:RATE"]
    run.unlink()
    assert of_code(run, job) == ["its code changed; which part, no record tells"]
