"""A training that is killed goes on from its checkpoint, to the same bits as one that was left alone."""

import os
import shutil
import signal
import time

import pytest

from workflow.project import make_copy
from workflow.test_interruption import wait_for_step

TARGET = "results/sample/multitask/shared_ranking/course_123_123/weights.npz"
HISTORIES = "results/sample/multitask/shared_ranking/course_123_123/histories.npz"
EVENTS = "logs/sample/tensorboard/multitask/shared_ranking/single/123/*tfevents*"


@pytest.fixture
def slow(tmp_path):
    """The project itself with a longer training and a short checkpoint interval."""
    project = make_copy(tmp_path / "project")
    project.edit("config.yaml", "hyperparameters: {epochs: 100}", "hyperparameters: {epochs: 600}")
    project.edit("scripts/reprose/checkpoint.py", "INTERVAL = 30.0", "INTERVAL = 0.2")
    return project


def wait_for_checkpoint(project, timeout=120):
    """Return the checkpoint once it has been written, and some more training has been done."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        found = list(project.folder.glob("results/sample/checkpoints/*/state"))
        if found:
            time.sleep(0.6)
            return found[0]
        time.sleep(0.05)
    raise AssertionError("no checkpoint was written")


@pytest.mark.parametrize("victim", ["step", "everything"])
def test_a_killed_training_resumes_to_the_same_bits(slow, victim):
    slow.snakemake(TARGET)
    whole = slow.read(TARGET), slow.read(HISTORIES)
    for name in (TARGET, HISTORIES, "results/sample/multitask/shared_ranking/course_123_123/provenance.json"):
        (slow.folder / name).unlink()
    for folder in ("results/sample/checkpoints", "logs"):
        shutil.rmtree(slow.folder / folder)
    build = slow.start_snakemake(TARGET)
    step = wait_for_step(slow)
    state = wait_for_checkpoint(slow)
    if victim == "step":
        os.kill(step, signal.SIGKILL)
    else:
        os.killpg(build.pid, signal.SIGKILL)
    build.communicate(timeout=60)
    assert not (slow.folder / TARGET).exists()
    assert state.exists()
    slow.snakemake(TARGET)
    assert len(list(slow.folder.glob(EVENTS))) == 2  # one file of each process: the second did not begin anew
    assert (slow.read(TARGET), slow.read(HISTORIES)) == whole
