import pickle
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from problem_runs import NEEDS_GPU
from reprose.base.errors import ReproseError
from reprose.base.system_errors import refusal
from reprose.training import checkpoint
from reprose.training.checkpoint import check_keeps, kept, restored
from workflow.disks import Disk, unmount

Checkpoint = partial(checkpoint.Checkpoint, torch=lambda needed: torch)


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


@pytest.mark.parametrize(
    ("state", "place"),
    [
        ({"running": {"momentum": [1.0, 2.0, np.float64(3)]}}, r"running.momentum\[2\] is a numpy.float64"),
        ({"epoch": np.int64(3), "best": 1.0}, "epoch is a numpy.int64"),
        ({"best": {"weights": (torch.zeros(1), np.array([{}]))}}, r"best.weights\[1\] is an array of objects"),
        ({"counts": Counter("aab"), "path": Path("a")}, r"path is a pathlib\S*Path"),
        ({"best": {np.int64(3): 1.0}}, r"best.3 \(the key\) is a numpy.int64"),
        ({"path": Path("a")}, r"path is a pathlib\S*Path"),
    ],
)
def test_a_state_that_could_not_be_loaded_again_is_refused_when_it_is_saved(tmp_path, state, place):
    with pytest.raises(ReproseError, match=rf"state of the training\.?{place}, which cannot be loaded again.*float"):
        Checkpoint(tmp_path).save(state)
    assert not list(tmp_path.iterdir())


def make_network():
    torch.manual_seed(1)
    return torch.nn.Linear(3, 2)


@pytest.mark.parametrize(
    ("make", "draw"),
    [
        (lambda: torch.Generator().manual_seed(1), lambda stream: torch.rand(3, generator=stream).tolist()),
        (lambda: np.random.RandomState(1), lambda stream: stream.normal(size=3).tolist()),
        (lambda: np.random.default_rng(1), lambda stream: stream.normal(size=3).tolist()),
    ],
)
def test_a_random_stream_goes_on_where_it_was_kept(tmp_path, make, draw):
    stream = make()
    draw(stream)
    Checkpoint(tmp_path).save(kept(stream))
    expected = draw(stream)
    assert draw(restored(make(), Checkpoint(tmp_path).load())) == expected


def test_networks_and_optimizers_are_kept_by_their_state_and_other_values_as_they_are(tmp_path):
    network = make_network()
    optimizer = torch.optim.Adam(network.parameters())
    network(torch.ones(3)).sum().backward()
    optimizer.step()
    Checkpoint(tmp_path).save([kept(network), kept(optimizer), kept({"loss": 1.0})])
    saved = Checkpoint(tmp_path).load()
    again = make_network()
    assert restored(again, saved[0]) is again
    assert torch.equal(again.weight, network.weight)
    assert restored(torch.optim.Adam(again.parameters()), saved[1]).state_dict()["state"][0]["step"] == 1
    assert restored(None, saved[2]) == {"loss": 1.0}


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=np.float32).reshape(2, 3),
        np.arange(3.0)[::-1],
        np.array(["a", "bc"]),
        np.array([1, 2], ">i4"),
        np.array([(1, 0.5)], [("count", int), ("share", float)]),
    ],
)
def test_an_array_comes_back_as_the_array_it_was(tmp_path, array):
    Checkpoint(tmp_path).save(kept(array))
    again = restored(np.zeros(0), Checkpoint(tmp_path).load())
    assert again.dtype == array.dtype
    assert np.array_equal(again, array)


def test_an_array_with_a_mask_is_not_kept_without_it():
    with pytest.raises(ReproseError, match="is a masked array"):
        kept(np.ma.array([1.0, 2.0], mask=[False, True]))


@dataclass
class Schedule:
    rate: float
    weights: torch.Tensor


def test_a_dataclass_is_kept_by_its_fields(tmp_path):
    Checkpoint(tmp_path).save(kept(Schedule(0.5, torch.ones(2))))
    schedule = Schedule(1.0, torch.zeros(2))
    assert restored(schedule, Checkpoint(tmp_path).load()) is schedule
    assert schedule.rate == 0.5
    assert torch.equal(schedule.weights, torch.ones(2))


def test_what_was_one_object_is_one_again(tmp_path):
    best = np.arange(3.0)
    Checkpoint(tmp_path).save({"weights": best, "best": best, "tensors": [tensor := torch.ones(4), tensor[:2]]})
    found = Checkpoint(tmp_path).load()
    assert found["weights"] is found["best"]
    found["tensors"][0][0] = 7
    assert found["tensors"][1][0] == 7


CARD = "cuda" if torch.cuda.is_available() else "cpu"


class Keeping:
    def __init__(self, keeps, **held):
        self.keeps = keeps
        vars(self).update(held)


def views(make=np.ones):
    whole = make(4)
    return {"whole": whole, "first": whole[:2], "second": whole[2:], "also": whole}


def nested():
    whole = np.ones(4)
    return {"whole": whole, "layers": [{"a": whole[:2]}, whole[2:]]}


def tied():
    network = make_network()
    return {"network": network, "weight": network.weight.data}


def looped():
    held = views()
    held["all"] = [held["first"]]
    held["all"].append(held["all"])
    return held


@pytest.mark.parametrize(
    ("held", "keeps", "told"),
    [
        (views(), ("first",), "'first' and 'whole'"),
        (views(), ("whole", "also", "first"), "'whole' and 'first'"),
        (views(), ("whole",), "'whole' and 'first'"),
        (views(torch.ones), ("first",), "'first' and 'whole'"),
        (views(lambda count: torch.ones(count, dtype=torch.bfloat16)), ("whole",), "'whole' and 'first'"),
        pytest.param(
            *(views(lambda count: torch.ones(count, device=CARD)), ("whole",), "'whole' and 'first'"), marks=NEEDS_GPU
        ),
        (nested(), ("whole", "layers"), "'whole' and 'layers'"),
        (nested(), ("whole",), "'whole' and 'layers'"),
        (tied(), ("network", "weight"), "'network' and 'weight'"),
        (tied(), ("weight",), "'weight' and 'network'"),
        ({"tensor": (tensor := torch.ones(3)), "array": tensor.numpy()}, ("tensor", "array"), "'tensor' and 'array'"),
        (looped(), ("first",), "'first' and 'whole'"),
        ({"layers": (layers := [np.ones(2)]), "same": layers}, ("layers",), "'layers' and 'same'"),
    ],
)
def test_memory_that_would_no_longer_be_shared_is_refused(held, keeps, told):
    with pytest.raises(ReproseError, match=rf"Keeping.keeps: {told} share memory, which they would not after a train"):
        check_keeps(Keeping(keeps, **held), lambda needed: torch)


@pytest.mark.parametrize(
    ("held", "keeps"),
    [
        ({"first": (whole := np.ones(4))[:2], "second": whole[2:]}, ("first", "second")),  # which do not overlap
        ({"weights": (best := np.ones(4)), "best": best}, ("weights", "best")),
        (
            {"weights": (weights := torch.ones(4)), "best": weights.detach(), "half": weights[:2]},
            ("weights", "best", "half"),
        ),
        (tied(), ("network",)),  # which is filled where it lies
        ({"kept": torch.ones(3), "shape": torch.ones(3, device="meta")}, ("kept",)),
        (
            {"rows": (rows := np.broadcast_to(np.ones(2), (3, 2))), "best": rows[1]},
            ("best",),
        ),  # nobody can write to them
    ],
)
def test_memory_that_is_shared_again_or_cannot_change_may_be_kept(held, keeps):
    check_keeps(Keeping(keeps, **held), lambda needed: torch)


@pytest.mark.parametrize(
    "array",
    [
        np.moveaxis(np.arange(24.0).reshape(2, 3, 4), 1, 0),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(24.0).reshape(4, 6)[:, ::3],
        np.arange(24.0, dtype=np.float32)[::-2],
        np.broadcast_to(np.arange(3.0), (2, 3)),
        np.zeros(4, [("a", "i1"), ("b", "f8")])[::2],
        np.arange(6, dtype=">i2")[1::2],
    ],
)
def test_an_array_lies_in_memory_as_it_did(tmp_path, array):
    Checkpoint(tmp_path).save({"one": array, "same": array})
    found = Checkpoint(tmp_path).load()
    assert found["one"].strides == array.strides
    assert found["one"].dtype == array.dtype
    assert np.array_equal(found["one"], array)
    assert found["one"] is found["same"]


@pytest.mark.parametrize("make", [lambda: np.ma.array([1.0, 2.0]), lambda: np.ones(2).view(np.recarray)])
def test_a_kind_of_array_that_would_come_back_as_another_is_refused(make):
    with pytest.raises(ReproseError, match=r"weights is a numpy\S*. Say np.array\(...\) of it"):
        check_keeps(Keeping(("weights",), weights=make()))


def test_an_array_of_objects_is_called_one():
    with pytest.raises(ReproseError, match="weights is an array of objects, which cannot be loaded again"):
        check_keeps(Keeping(("weights",), weights=np.array([{}])))


WITHOUT_TORCH = """
import sys
sys.modules["torch"] = None  # its import is an error
import numpy as np
from pathlib import Path
from reprose.training.checkpoint import Checkpoint
state = {"weights": np.arange(3.0), "names": ["a"], "pair": (1, None)}
Checkpoint(Path(sys.argv[1])).save(state)
found = Checkpoint(Path(sys.argv[1])).load()
assert str(found) == str(state), found
"""


def test_without_torch_it_is_not_wanted(tmp_path):
    subprocess.run([sys.executable, "-c", WITHOUT_TORCH, str(tmp_path)], check=True)


def test_a_file_that_names_a_function_is_not_executed(tmp_path, monkeypatch):
    class Harmful:
        def __reduce__(self):
            return (print, ("harm",))

    monkeypatch.setattr(checkpoint, "_Pickler", lambda file: Apart(file, 5))
    Checkpoint(tmp_path).save({"weights": Harmful()})
    with pytest.raises(pickle.UnpicklingError, match="names builtins.print"):
        Checkpoint(tmp_path).load()


class Apart(pickle.Pickler):
    apart = {"array": [], "torch": []}
