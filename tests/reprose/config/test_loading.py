import os
import shutil
import subprocess
import sys

import pytest

from reprose.base import errors, faults, notebooks, system_errors
from reprose.base.errors import ReproseError
from reprose.base.package import ENGINE
from reprose.code.fingerprint import fingerprint
from reprose.config import loading
from toy_code import write

TRAIN_KEY = {"rule": "train", "tier": "sample", "problem": "ratings", "variant": "shared", "batch": "a_1_5"}
PREPARE_KEY = {"rule": "prepare", "tier": "real", "view": "course", "dataset": "films", "split": "by_user"}


FILES = {
    "scripts/__init__.py": "",
    "scripts/problems/toy/train.py": "def train(): return 'trained'\n",
    "scripts/problems/toy/hyperparameters.py": "class Hyperparameters: ...\n",
    "scripts/datasets/films.py": "import json\nSOURCE = 1\ndef read(): ...\ndef by_user(): return 'split'\n",
}
STEP = "from reprose.config import loading\ndef main(): return loading.problem('toy', 'train').train()\n"


@pytest.fixture
def project(tmp_path):
    """Return the folder of a project with one problem and one data set."""
    return write(tmp_path, FILES)


def python(project, code):
    """Return what `code` prints, or the last line of its error, in the folder of a project."""
    command = [sys.executable, "-B", "-c", f"from reprose.config import loading; {code}"]
    path = os.pathsep.join([str(project), str(ENGINE.parent)])
    run = subprocess.run(command, cwd=project, env={"PYTHONPATH": path}, capture_output=True, text=True, check=False)
    return (run.stdout or run.stderr).strip().splitlines()[-1]


def test_modules_and_their_functions_are_loaded_by_name(project):
    assert python(project, "print(loading.problem('toy', 'train').train())") == "trained"
    assert python(project, "print(loading.member(loading.dataset('films'), 'by_user')())") == "split"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = (\n", ":1: not valid Python: '(' was never closed."),
        ("\nimport no_such_package\n", ":2: ModuleNotFoundError: No module named 'no_such_package'"),
        ("import json\n\nx = json.loads('{')\n", ":3: JSONDecodeError: Expecting property name"),
    ],
)
def test_a_module_that_cannot_be_imported_is_an_error_that_names_the_line(project, text, message):
    write(
        project, {"scripts/datasets/films.py": text, "scripts/problems/toy/train.py": "import scripts.datasets.films"}
    )
    for call in ("dataset('films')", "problem('toy', 'train')"):
        said = python(project, f"loading.{call}")
        assert said.startswith(f"reprose.base.errors.ReproseError: {project}/scripts/datasets/films.py{message}")


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
def test_an_unknown_name_is_an_error_that_lists_what_exists(project, call, message):
    assert message in python(project, f"loading.{call}")


def test_a_step_starts_from_its_own_code_and_from_what_it_loads():
    assert loading.entries_of(TRAIN_KEY) == [
        "reprose.steps.train:main",
        "scripts.problems.ratings.train:train",
        "scripts.problems.ratings.hyperparameters:Hyperparameters",
    ]
    assert loading.entries_of(PREPARE_KEY) == [
        "reprose.steps.prepare:main",
        "scripts.datasets.films:read",
        "scripts.datasets.films:by_user",
    ]
    assert loading.entries_of({"rule": "choose", "tier": "real"}) == ["reprose.steps.choose:main"]


def test_only_the_sample_tier_depends_on_the_sample_maker():
    always = ["reprose.steps.fetch:main", "scripts.datasets.films:SOURCE"]
    assert loading.entries("fetch", dataset="films", tier="real") == always
    assert loading.entries("fetch", dataset="films", tier="sample") == [*always, "scripts.datasets.films:make_sample"]


def test_an_unknown_step_is_an_error():
    with pytest.raises(ReproseError, match="no step 'trian'. There are: fetch, prepare, train"):
        loading.entries("trian")


def test_what_is_loaded_by_name_is_in_the_fingerprint(project):
    write(project, {"reprose/steps/train.py": STEP, "reprose/config/__init__.py": "", "reprose/base/__init__.py": ""})
    for module in (loading, errors, faults, notebooks, system_errors):
        shutil.copy(module.__file__, project / module.__package__.replace(".", "/"))
    roots = (("scripts", project / "scripts"), ("reprose", project / "reprose"))
    found = fingerprint(loading.entries("train", problem="toy"), roots).definitions
    loaded = {"reprose.config.loading:problem", "scripts.problems.toy.train:train"}
    assert {"reprose.steps.train:main", *loaded} <= found.keys()


def test_every_step_has_a_module_of_its_name():
    steps = ["fetch", "prepare", "train", "choose", "evaluate", "plot", "summarize", "write", "typeset"]
    assert [step for step in steps if not (ENGINE / "steps" / f"{step}.py").exists()] == []
    assert [loading.entries(step)[0] for step in steps] == [f"reprose.steps.{step}:main" for step in steps]
