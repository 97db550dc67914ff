import numpy as np
import pytest

from reprose.base import arrays
from reprose.base.errors import ReproseError


def test_equal_arrays_give_equal_bytes_in_any_order(tmp_path):
    one, two = {"a": np.arange(3), "b": np.ones((2, 2))}, {"b": np.ones((2, 2)), "a": np.arange(3)}
    arrays.save(tmp_path / "one.npz", one)
    arrays.save(tmp_path / "two.npz", two)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_a_file_has_the_bytes_of_numpy(tmp_path):
    held = {"a": np.arange(3), "b": np.asfortranarray(np.ones((2, 2))), "c": np.array(["x", "yz"]), "d": np.float32(1)}
    arrays.save(tmp_path / "one.npz", held)
    np.savez(tmp_path / "two.npz", **held)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_every_name_comes_back_as_it_went(tmp_path):
    names = ("file", "allow_pickle", "args", "a|b", "50 %", "%7C", "a/b", "/a", "", "\u6570", "args.npy")
    arrays.save(tmp_path / "one.npz", {name: np.arange(place) for place, name in enumerate(names)})
    assert {name: len(array) for name, array in arrays.load(tmp_path / "one.npz").items()} == {
        name: place for place, name in enumerate(names)
    }
    groups = {f"label={name}/1": {inner: np.ones(1) for inner in names} for name in names}
    arrays.save_groups(tmp_path / "groups.npz", groups)
    found = arrays.load_groups(tmp_path / "groups.npz")
    assert {name: set(group) for name, group in found.items()} == {name: set(names) for name in groups}


def test_groups_come_back_as_they_went(tmp_path):
    groups = {"rate=0.1/1": {"w": np.arange(4.0)}, "rate=0.1/2": {"w": np.zeros(0)}}
    arrays.save_groups(tmp_path / "groups.npz", groups)
    found = arrays.load_groups(tmp_path / "groups.npz")
    assert found.keys() == groups.keys()
    assert np.array_equal(found["rate=0.1/1"]["w"], np.arange(4.0))


def test_a_name_that_is_no_string_is_refused(tmp_path):
    with pytest.raises(ReproseError, match="an array has the name 1, a int; names are strings"):
        arrays.save(tmp_path / "a.npz", {"a": np.zeros(1), 1: np.zeros(1)})


@pytest.mark.parametrize("name", ["a\0b", "a\udc80"])
def test_a_name_that_the_file_would_cut_or_cannot_hold_is_refused(tmp_path, name):
    with pytest.raises(ReproseError, match="names are text without NUL"):
        arrays.save(tmp_path / "a.npz", {name: np.zeros(1)})


def test_masked_values_do_not_become_good_ones(tmp_path):
    with pytest.raises(ReproseError, match="'a' is a masked array; fill"):
        arrays.save(tmp_path / "a.npz", {"a": np.ma.array([1.0, -999.0], mask=[False, True])})
    arrays.save(tmp_path / "a.npz", {"a": np.ma.array([1.0, 2.0])})
    assert arrays.load(tmp_path / "a.npz")["a"].tolist() == [1.0, 2.0]


def test_an_array_of_objects_is_refused(tmp_path):
    with pytest.raises(ReproseError, match="'a' is an array of objects"):
        arrays.save(tmp_path / "a.npz", {"a": np.array([{}])})


def test_a_truncated_file_is_an_error_that_names_it(tmp_path):
    path = tmp_path / "a.npz"
    arrays.save(path, {"a": np.arange(1000)})
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(ReproseError, match=r"a.npz: not readable as arrays"):
        arrays.load(path)
