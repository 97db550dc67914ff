import numpy as np
import pytest
import torch

from reprose.checkpoint import Checkpoint
from reprose.system import refusal
from workflow.disks import Disk, unmount


def test_what_was_saved_comes_back(tmp_path):
    stream = np.random.RandomState(1).get_state()[1].tolist()
    state = {"epoch": 3, "weights": torch.arange(4.0), "stream": stream}
    Checkpoint(tmp_path).save(state)
    found = Checkpoint(tmp_path).load()
    assert found["epoch"] == 3
    assert found["stream"] == stream
    assert torch.equal(found["weights"], state["weights"])


def test_a_damaged_file_counts_as_none(tmp_path, capsys):
    Checkpoint(tmp_path).save({"epoch": 3})
    path = tmp_path / "state"
    path.write_bytes(path.read_bytes()[:-10])
    assert Checkpoint(tmp_path).load() is None
    assert "damaged" in capsys.readouterr().out


def test_a_full_disk_leaves_the_checkpoint_before_and_nothing_else(tmp_path):
    disk = Disk(tmp_path / "disk")
    try:
        checkpoint = Checkpoint(disk.folder)
        checkpoint.save({"epoch": 3})
        disk.fill(free=1 << 15)
        with pytest.raises(OSError, match="No space left on device") as caught:
            checkpoint.save({"epoch": 4, "weights": torch.zeros(1 << 16)})
        assert f"{disk.folder}: No space left on device" in str(refusal(caught.value))
        assert checkpoint.load() == {"epoch": 3}
        assert {path.name for path in disk.folder.iterdir()} == {"state", "filler"}
    finally:
        unmount(disk.folder)


def test_nothing_saved_gives_none(tmp_path):
    assert Checkpoint(tmp_path).load() is None


def test_it_is_due_only_after_the_interval(tmp_path):
    assert Checkpoint(tmp_path, interval=0).due()
    assert not Checkpoint(tmp_path, interval=1000).due()
