import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reprose import errors, loading
from reprose.errors import ReproseError
from reprose.fingerprint import fingerprint
from toy_code import write

TRAIN_KEY = {"rule": "train", "tier": "sample", "problem": "ratings", "variant": "shared", "batch": "a_1_5"}
PREPARE_KEY = {"rule": "prepare", "tier": "real", "view": "course", "dataset": "films", "split": "by_user"}


@pytest.fixture
def root(tmp_path):
    """Return a code root with the real loader, one problem and one data set."""
    files = {
        "problems/toy/train.py": "def train(): return 'trained'\n",
        "problems/toy/hyperparameters.py": "class Hyperparameters: ...\n",
        "datasets/films.py": "import json\nSOURCE = 1\ndef read(): ...\ndef by_user(): return 'split'\n",
        "train.py": "from reprose import loading\ndef main(): return loading.problem('toy', 'train').train()\n",
        "reprose/__init__.py": "",
    }
    write(tmp_path, files)
    for module in (loading, errors):
        shutil.copy(module.__file__, tmp_path / "reprose")
    return tmp_path


def python(root, code):
    """Return what `code` prints, or the last line of its error, with `root` as the code root."""
    command = [sys.executable, "-B", "-c", f"from reprose import loading; {code}"]
    run = subprocess.run(command, env={"PYTHONPATH": str(root)}, capture_output=True, text=True, check=False)
    return (run.stdout or run.stderr).strip().splitlines()[-1]


def test_modules_and_their_functions_are_loaded_by_name(root):
    assert python(root, "print(loading.problem('toy', 'train').train())") == "trained"
    assert python(root, "print(loading.member(loading.dataset('films'), 'by_user')())") == "split"


@pytest.mark.parametrize(
    "call, message",
    [
        ("problem('tyo', 'train')", "no problem called 'tyo'. There are: toy."),
        (
            "problem('toy', 'figures')",
            "no stage of the problem 'toy' called 'figures'. There are: hyperparameters, train.",
        ),
        ("dataset('../films')", "no data set called '../films'. There are: films."),
        ("dataset('__init__')", "no data set called '__init__'. There are: films."),
        ("member(loading.dataset('films'), 'by_film')", "films.py: no function 'by_film'. There are: by_user, read."),
        ("member(loading.dataset('films'), 'SOURCE')", "films.py: no function 'SOURCE'."),
        ("member(loading.dataset('films'), '__doc__')", "films.py: no function '__doc__'."),
    ],
)
def test_an_unknown_name_is_an_error_that_lists_what_exists(root, call, message):
    assert message in python(root, f"loading.{call}")


def test_a_step_starts_from_its_own_code_and_from_what_it_loads():
    assert loading.entries_of(TRAIN_KEY) == [
        "train:main",
        "problems.ratings.train:train",
        "problems.ratings.hyperparameters:Hyperparameters",
    ]
    assert loading.entries_of(PREPARE_KEY) == ["prepare:main", "datasets.films:read", "datasets.films:by_user"]
    assert loading.entries_of({"rule": "choose", "tier": "real"}) == ["choose:main"]


def test_only_the_sample_tier_depends_on_the_sample_maker():
    assert "datasets.films:make_sample" in loading.entries("fetch", dataset="films", tier="sample")
    assert loading.entries("fetch", dataset="films", tier="real") == ["fetch:main", "datasets.films:SOURCE"]


def test_an_unknown_step_is_an_error():
    with pytest.raises(ReproseError, match="no step 'trian'. There are: fetch, prepare, train"):
        loading.entries("trian")


def test_what_is_loaded_by_name_is_in_the_fingerprint(root):
    found = fingerprint(loading.entries("train", problem="toy"), root).definitions
    assert {"train:main", "reprose.loading:problem", "problems.toy.train:train"} <= found.keys()


def test_every_step_has_a_script_of_its_name():
    scripts = Path(loading.__file__).parents[1]
    steps = ["fetch", "prepare", "train", "choose", "evaluate", "plot", "summarize", "write", "typeset"]
    assert [
        step for step in steps if not (scripts / f"{loading.entries(step)[0].removesuffix(':main')}.py").exists()
    ] == []
