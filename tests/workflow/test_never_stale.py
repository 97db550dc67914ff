"""Nine ways in which a stale number once reached the page, or results were lost; none of them is open."""

import json
import os
import shutil
import signal
import time
from contextlib import suppress

import pytest

from workflow.edits import CONFIG, DATA, HANDOUT, PROBLEM
from workflow.histories import DOORS, FRONT, LOOKS
from workflow.processes import wait_for
from workflow.project import HANGS

MODEL, HELPER, PACKAGE, TRAIN = (f"{PROBLEM}/{name}.py" for name in ("model", "helper", "__init__", "train"))
NUMBERS = "results/sample/toy/numbers/numbers.json"
CHECKPOINTS = "results/sample/checkpoints"
PLAIN = "          first: {seeds: [[1, 2], [3, 3]]}\n"
WAIT = """
import os
import sys
import time

while "steps" in sys.argv[0] and os.path.exists("{0}"):
    if not os.path.exists("{0}.met"):
        os.mkdir("{0}.met")
    time.sleep(0.02)
"""


class Door:
    """One of the two ways to build a project."""

    def __init__(self, name):
        self.front = name == FRONT

    def __call__(self, project, **how):
        return project.build(**how) if self.front else project.snakemake(**how)

    def start(self, project):
        return project.start() if self.front else project.start_snakemake()


@pytest.fixture(params=DOORS)
def build(request):
    """One of the two ways to build a project."""
    return Door(request.param)


def same_as_clean(workshop, project):
    """Compare all that a project printed and kept with what a clean build of its sources makes."""
    clean, made = workshop.clean_build(project), project.made()
    return [name for name in clean if made.get(name) != clean[name]] == []


def broken_off(workshop, project, begin):
    """Begin a build, kill the trainings that run as soon as one has kept a state, and return the states they left."""
    project.edit(CONFIG, "pause: 0.01", "pause: 0.05")
    before = checkpoints(project)
    build = begin()
    wait_for(lambda: checkpoints(project) - before, "a checkpoint")
    time.sleep(0.2)
    for process in workshop.server.programs_in(project.folder, "-m reprose.steps train"):
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    build.communicate(timeout=HANGS)
    return {path for path in checkpoints(project) - before if not is_published(project, path)}


def is_published(project, checkpoint):
    """Return whether the training that kept this state has ended well."""
    problem, variant, batch = checkpoint.parts[-4:-1]
    return (project.folder / "results/sample" / problem / variant / batch / "provenance.json").exists()


def checkpoints(project):
    """Return the folders of the states that trainings have kept."""
    return {path.parent for path in project.folder.glob(f"{CHECKPOINTS}/**/state*")}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ((DATA, '"train": 0, "validation": size'), '"train": size, "validation": 0'),
        ((CONFIG, "decay: [0.01, 0.1]"), "decay: [0.5, 0.4]"),  # what the follower takes from the winner
    ],
)
def test_a_training_that_resumes_has_the_data_and_the_winners_of_today(workshop, quick, build, old, new):
    quick.edit(HELPER, "return SCALE", "return 1.5 * SCALE")
    quick.edit(HANDOUT, r"\maketitle", r"\undefinedcommand")
    assert build(quick, check=False).code
    quick.edit(*old, new)
    quick.edit(HANDOUT, r"\undefinedcommand", r"\maketitle")
    build(quick)
    assert same_as_clean(workshop, quick)


def test_a_training_that_was_killed_resumes_only_from_the_same_data(workshop, quick, build):
    quick.edit(HELPER, "return SCALE", "return 1.5 * SCALE")
    assert broken_off(workshop, quick, quick.start)
    quick.edit(DATA, '"train": 0, "validation": size', '"train": size, "validation": 0')
    build(quick)
    assert same_as_clean(workshop, quick)


@pytest.mark.parametrize("lost", [None, ".snakemake", ".reprose"])
def test_a_variant_that_was_given_another_view_is_trained_on_it(workshop, quick, build, lost):
    quick.edit(HELPER, "return SCALE", "return undefined_name")
    assert build(quick, check=False).code
    quick.edit(HELPER, "return undefined_name", "return SCALE")
    quick.edit(CONFIG, "plain:\n        view: thirds", "plain:\n        view: shifted")
    if lost:
        shutil.rmtree(quick.folder / lost)
    told = quick.run(quick.reprose("plan")).text
    assert "up to date" not in told and "toy/plain" in told
    build(quick)
    assert same_as_clean(workshop, quick)


def hold(project, file, mark):
    """Let each step wait where it has imported `file`, from now on until the folder `mark` is gone."""
    path = project.folder / file
    path.write_text(path.read_text() + WAIT.format(mark))
    (project.folder / mark).mkdir()


def test_an_edit_that_is_made_and_undone_while_a_step_runs_is_not_published(workshop, quick, build):
    hold(quick, PACKAGE, "early")  # the step knows its code by now, and has not imported the problem
    hold(quick, TRAIN, "late")  # it has imported the rest
    running = build.start(quick)
    wait_for(lambda: (quick.folder / "early.met").exists(), "a step that imports the problem")
    quick.edit(MODEL, "2 * np.mean(error)]", "3 * np.mean(error)]")
    (quick.folder / "early").rmdir()
    wait_for(lambda: (quick.folder / "late.met").exists() or running.poll() is not None, "a step that trains")
    quick.edit(MODEL, "3 * np.mean(error)]", "2 * np.mean(error)]")
    (quick.folder / "late").rmdir()
    running.communicate(timeout=HANGS)
    if running.returncode:
        build(quick)
    assert same_as_clean(workshop, quick)


def test_equal_trials_under_two_labels_are_one_trial_or_an_error_that_names_both(quick, build):
    quick.edit(
        CONFIG, PLAIN, "          first: {seeds: [[1, 3]]}\n          second: {grid: {decay: [0.0]}, seeds: [[4, 6]]}\n"
    )
    built = build(quick, check=False)
    if built.code:
        assert "first" in built.text and "second" in built.text
    else:
        numbers = json.loads(quick.read(NUMBERS))
        assert sorted(map(int, numbers["plain.error"]["samples"])) == [1, 2, 3, 4, 5, 6]


def test_a_file_that_code_reads_and_no_key_names_fails_the_step_with_the_remedy(quick, build):
    quick.edit(CONFIG, f"    reads: [{PROBLEM}/scale.txt]\n", "")
    built = build(quick, check=False)
    assert built.code and f"{PROBLEM}/scale.txt" in built.text and "reads" in built.text


def test_a_file_that_code_reads_is_part_of_what_its_jobs_depend_on(workshop, quick, build):
    quick.edit(f"{PROBLEM}/scale.txt", "1.0", "1.25")
    ran = build(quick).ran
    assert "results/sample/toy/plain/first_1_2/run.json" in ran
    assert same_as_clean(workshop, quick)


def test_a_variable_reaches_a_step_only_if_its_key_holds_it(workshop, quick, build):
    whole = quick.made()
    quick.edit(HELPER, "return SCALE", 'return float(os.environ.get("TOY_SCALE", "1")) * SCALE')
    quick.edit(HELPER, "from pathlib", "import os\nfrom pathlib")
    quick.variables["TOY_SCALE"] = "1.5"
    build(quick)
    weights = "results/sample/toy/plain/weights.npz"
    assert quick.read(weights) == whole[weights]
    quick.edit(CONFIG, "  toy:\n", "  toy:\n    environment: [TOY_SCALE]\n")
    build(quick)
    assert quick.read(weights) != whole[weights]
    quick.variables["TOY_SCALE"] = "1.6"
    assert "results/sample/toy/plain/first_1_2/run.json" in build(quick).ran
    assert same_as_clean(workshop, quick)


def test_a_new_version_of_latex_or_pandoc_typesets_again(workshop, quick, build):
    (quick.folder.parent / "programs/version").write_text("2\n")
    assert build(quick).ran == {"results/sample/handouts/toy.run.json"}


@pytest.mark.parametrize("option", [*LOOKS, "--containerize", "--list-rules", "--list-changes=code"])
def test_looking_changes_nothing(quick, option):
    quick.edit(HELPER, "return SCALE", "return 1.5 * SCALE")  # so that a build would set results aside
    before = state(quick)
    quick.snakemake(option, check=False)
    assert state(quick) == before


def state(project):
    """Return every file with the time when it last changed; Snakemake logs that it looked."""
    files = [path for path in project.folder.rglob("*") if not {".snakemake", "__pycache__"} & {*path.parts}]
    return {path: path.stat().st_mtime_ns for path in files}


def test_a_file_that_was_changed_in_place_in_secret_is_made_again(workshop, quick, build):
    path = quick.folder / NUMBERS
    build(quick)
    status, body = path.stat(), path.read_bytes()
    with open(path, "r+b") as file:
        file.write(body.replace(b'"lower"', b'"upper"'))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    build(quick)
    assert path.read_bytes() == body


def test_a_good_build_leaves_the_checkpoints_of_others_alone(workshop, quick, build):
    quick.edit(HELPER, "return SCALE", "return 1.5 * SCALE")
    kept = broken_off(workshop, quick, lambda: quick._start(quick.reprose("draft", "--", "--cores", "2")))
    assert kept
    quick.edit(HELPER, "return 1.5 * SCALE", "return 2.5 * SCALE")
    build(quick)
    assert {path for path in kept if path.exists()} == kept
    quick.edit(HELPER, "return 2.5 * SCALE", "return 1.5 * SCALE")
    build(quick)
    assert same_as_clean(workshop, quick)


def test_a_checkpoint_goes_once_its_job_was_seen_published(quick, build):
    quick.edit(HELPER, "return SCALE", "return 1.5 * SCALE")
    build(quick)
    old = checkpoints(quick)
    quick.edit(HELPER, "return 1.5 * SCALE", "return 2.5 * SCALE")
    build(quick)
    assert not old & checkpoints(quick)


def test_a_batch_of_two_thousand_trials_is_one_job(quick):
    decays = ", ".join(f"{place / 1e4}" for place in range(2000))
    quick.edit(CONFIG, "decay: [0.01, 0.1]}, seeds: [[1, 3]]", f"decay: [{decays}]}}, seeds: [[1, 1]]")
    quick.edit(CONFIG, "epochs: 20", "epochs: 1")
    quick.edit(CONFIG, "pause: 0.01", "pause: 0.0")
    quick.edit("reprose/training/checkpoint.py", "INTERVAL = 0.0", "INTERVAL = 30.0")  # not after each of the runs
    assert "results/sample/toy/ridge/first_1_1/run.json" in quick.build().ran
