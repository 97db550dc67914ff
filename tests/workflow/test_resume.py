"""A training that is killed goes on from its checkpoint, to the same bits as one that was left alone."""

import os
import shutil
import signal

import pytest

from workflow.processes import steps, wait_for
from workflow.project import HANGS, make_copy

TARGET = "results/sample/multitask/shared_ranking/course_123_123/weights.npz"
HISTORIES = "results/sample/multitask/shared_ranking/course_123_123/histories.npz"
EVENTS = "logs/sample/tensorboard/multitask/shared_ranking/single/123/*tfevents*"


@pytest.fixture
def slow(tmp_path):
    """The project itself with a longer training and a short checkpoint interval."""
    project = make_copy(tmp_path / "project")
    project.edit("config.yaml", "hyperparameters: {epochs: 100}", "hyperparameters: {epochs: 600}")
    project.edit("reprose/training/checkpoint.py", "INTERVAL = 30.0", "INTERVAL = 0.2")
    project.edit("reprose/training/tensorboard.py", "WATCHABLE = 5.0", "WATCHABLE = 0.0")
    return project


def wait_for_checkpoint(project):
    """Return the checkpoint once it has been written, and written again after some more training."""
    folder = project.folder / "results/sample/checkpoints"
    (state,) = wait_for(lambda: list(folder.glob("multitask/shared_ranking/course_123_123/*/state")), "a checkpoint")
    first = state.stat().st_mtime_ns
    wait_for(lambda: state.stat().st_mtime_ns != first, "a second checkpoint")
    return state


@pytest.mark.parametrize("victim", ["step", "everything"])
def test_a_killed_training_resumes_to_the_same_bits(slow, victim):
    slow.snakemake(TARGET)
    whole = slow.read(TARGET), slow.read(HISTORIES)
    for name in (TARGET, HISTORIES, "results/sample/multitask/shared_ranking/course_123_123/provenance.json"):
        (slow.folder / name).unlink()
    for folder in ("results/sample/checkpoints", "logs"):
        shutil.rmtree(slow.folder / folder)
    build = slow.start_snakemake(TARGET)
    (step,) = wait_for(lambda: steps(slow.folder, "train"), "a training")
    state = wait_for_checkpoint(slow)
    if victim == "step":
        os.kill(step, signal.SIGKILL)
    else:
        os.killpg(build.pid, signal.SIGKILL)
    build.communicate(timeout=HANGS)
    assert not (slow.folder / TARGET).exists()
    assert state.exists()
    slow.snakemake(TARGET)
    assert len(list(slow.folder.glob(EVENTS))) == 2  # one file of each process: the second did not begin anew
    assert (slow.read(TARGET), slow.read(HISTORIES)) == whole
