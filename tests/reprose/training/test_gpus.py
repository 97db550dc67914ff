import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from reprose.base.errors import ReproseError
from reprose.training import gpus

TAKE = "from reprose.training import gpus; print(gpus.take({'0': '0', '1': '1'}), flush=True); input()"


@pytest.fixture(autouse=True)
def machine(monkeypatch, tmp_path):
    """A machine without cards, a torch that was made for CUDA, and a folder for locks."""
    for name in (gpus.COUNT_VARIABLE, gpus.PLACES_VARIABLE, gpus.VISIBLE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(gpus, "NODES", tmp_path)
    monkeypatch.setattr(gpus, "torch_has_cuda", lambda: True)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def test_the_cards_of_a_machine_are_its_device_nodes(machine):
    for name in ("nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm"):
        (machine / name).touch()
    assert gpus.available() == ["0", "1"]


def test_a_card_is_of_no_use_to_a_torch_without_cuda(machine, monkeypatch):
    (machine / "nvidia0").touch()
    monkeypatch.setattr(gpus, "torch_has_cuda", lambda: False)
    assert gpus.resolve("auto", "compute.device") == "cpu"
    with pytest.raises(ReproseError, match="compute.device is cuda, but no GPU .* there is no|made without CUDA"):
        gpus.resolve("cuda", "compute.device")


@pytest.mark.parametrize(
    ("count", "visible", "found"),
    [("2", None, ["0", "1"]), ("2", "3,5,7", ["3", "5"]), ("4", "1,-1,2", ["1"]), ("4", "", []), ("0", "1", [])],
)
def test_a_given_count_and_given_cards_are_both_limits(monkeypatch, count, visible, found):
    monkeypatch.setenv(gpus.COUNT_VARIABLE, count)
    if visible is not None:
        monkeypatch.setenv(gpus.VISIBLE, visible)
    assert gpus.available() == found


def test_a_count_that_is_no_number_is_an_error(monkeypatch):
    monkeypatch.setenv(gpus.COUNT_VARIABLE, "two")
    with pytest.raises(ReproseError, match="REPROSE_GPUS is 'two', expected a number"):
        gpus.available()


def test_slurm_gives_each_of_its_jobs_other_cards_of_the_same_number(monkeypatch):
    monkeypatch.setenv(gpus.COUNT_VARIABLE, "2")
    monkeypatch.setenv(gpus.VISIBLE, "0")
    assert gpus.lock_names({"SLURM_JOB_ID": "12", gpus.VISIBLE: "0"}) == {"job-12-0": "0"}
    assert gpus.lock_names({gpus.VISIBLE: "0"}) == {"0": "0"}


def test_a_gpu_has_as_many_places_as_it_is_said_and_empty_gpus_come_first(monkeypatch):
    monkeypatch.setenv(gpus.COUNT_VARIABLE, "2")
    monkeypatch.setenv(gpus.PLACES_VARIABLE, "2")
    assert gpus.places() == 4
    assert [*gpus.lock_names({}).items()] == [("0", "0"), ("1", "1"), ("0.1", "0"), ("1.1", "1")]
    taken = [gpus.take(gpus.lock_names({})) for _ in range(3)]  # locks belong to open files, not to processes
    assert taken == ["0", "1", "0"]


@pytest.mark.parametrize("given", ["0", "two", "-1", ""])
def test_no_gpu_can_be_without_a_place(monkeypatch, given):
    monkeypatch.setenv(gpus.PLACES_VARIABLE, given)
    with pytest.raises(ReproseError, match=f"REPROSE_TRAININGS_PER_GPU is '{given}', expected a number of trainings"):
        gpus.places()


def test_a_training_that_takes_a_gpu_and_uses_none_is_told_of(capsys):
    unused = SimpleNamespace(cuda=SimpleNamespace(is_initialized=lambda: False))
    assert gpus.used(unused, "line/plain/all_1_2/train") == {}
    assert "line/plain/all_1_2/train: took a GPU and did not use it" in capsys.readouterr().err


def start():
    """Start a process that takes one of two cards and keeps it until it is told to end."""
    environment = {**os.environ, "PYTHONPATH": "scripts"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, "-c", TAKE], env=environment, **pipes)


def test_a_third_process_waits_with_a_message_until_a_card_is_free_again():
    first, second = start(), start()
    taken = [process.stdout.readline().strip() for process in (first, second)]
    assert sorted(taken) == ["0", "1"]
    third = start()
    assert "waiting for a GPU; other trainings compute on 0, 1" in third.stderr.readline()
    second.kill()
    second.communicate(timeout=60)
    assert third.stdout.readline().strip() == taken[1]
    for process in (first, third):
        process.communicate("\n", timeout=60)
