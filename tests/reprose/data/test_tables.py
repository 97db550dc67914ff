import numpy as np
import pytest

from reprose.base.errors import ReproseError
from reprose.data.tables import ordered_split, random_split, read


def table(folder, text, name="houses.csv"):
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    (folder / "manifest.json").write_text(f'{{"{name}": {{"sha256": "{"0" * 64}"}}}}')
    return read(folder)


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_a_table_is_read_as_columns_of_the_simplest_kind(tmp_path, sign):
    text = 'rooms,price,new,town,note\n3,1e3,True,NA,ü\n 4 ,2.5,False,None,"a, b; c\td"\n'.replace(",", sign)
    found = table(tmp_path, "\ufeff" + text.replace(f'"a{sign} b', '"a, b'))
    assert {name: column.dtype.kind for name, column in found.items()} == dict(zip(found, "ifbUU", strict=True))
    assert (found["rooms"].tolist(), found["price"].tolist()) == ([3, 4], [1000.0, 2.5])
    assert (found["town"].tolist(), found["new"].tolist()) == (["NA", "None"], [True, False])


@pytest.mark.parametrize(
    "text, told",
    [
        ("a,b\n1,2\n3,\n", "houses.csv: row 2 of column 'b' has no value"),
        ("a,b\n1,2\n3\n", "row 2 of column 'b' has no value"),
        ("a,b\n1,x\nz,y\n", "column 'a' mixes numbers and text: row 2 is 'z', row 1 is '1'"),
        ("a,b\n1,2,3\n4,5,6\n", "cannot be read as a table"),
        ("a,b\n1,2\n4,5,6\n", "cannot be read as a table: .*line 3"),
        ("a,a\n1,2\n", "the header has 'a' 2 times"),
        ("a,\n1,2\n", "the header has '' 1 times"),
        ("a,b\n", "no rows"),
        ("", "the header has '' 0 times"),
        ("a\n1\n1e999\n", "row 2 of column 'a' is 1e999. Allowed: finite numbers"),
        (b"a\n\xff\n", "cannot be read as a table"),
    ],
)
def test_a_table_that_could_be_misread_is_an_error(tmp_path, text, told):
    with pytest.raises(ReproseError, match=told):
        table(tmp_path, text)


def test_a_random_split_parts_the_rows_and_depends_on_its_seed_alone():
    rows = {"x": np.arange(10), "y": np.arange(10) * 2.0}
    parts = random_split(rows, seed=1, validation=0.2, test=0.3)
    assert {part: len(arrays["x"]) for part, arrays in parts.items()} == {"train": 5, "validation": 2, "test": 3}
    assert sorted(np.concatenate([arrays["x"] for arrays in parts.values()])) == list(range(10))
    assert all((arrays["y"] == 2 * arrays["x"]).all() for arrays in parts.values())
    again, other = (random_split(rows, seed=seed, validation=0.2, test=0.3) for seed in (1, 2))
    assert again["test"]["x"].tolist() == parts["test"]["x"].tolist() != other["test"]["x"].tolist()


def test_a_view_without_a_test_part_names_no_share_for_it():
    assert [len(part["x"]) for part in ordered_split({"x": np.arange(10)}, validation=0.2).values()] == [8, 2, 0]
    assert len(random_split({"x": np.arange(10)}, seed=1, validation=0.0)["train"]["x"]) == 10


def test_an_ordered_split_tests_on_the_last_rows():
    parts = ordered_split({"x": np.arange(10)}, validation=0.2, test=0.1)
    assert [parts[part]["x"].tolist() for part in ("train", "validation", "test")] == [list(range(7)), [7, 8], [9]]


def test_shares_that_leave_nothing_to_train_on_are_an_error():
    with pytest.raises(ReproseError, match="validation 0.5, test 0.5. Allowed: shares whose sum is below 1"):
        ordered_split({"x": np.arange(10)}, validation=0.5, test=0.5)


@pytest.mark.parametrize(
    ("table", "found"),
    [
        ({}, "no column"),
        ({"x": np.ones(3), "y": np.ones(2)}, "'x' 3, 'y' 2"),
        ({"x": np.ones(3), "y": [1, 2, 3]}, "'x' 3, 'y' no array"),
        ({"x": np.array(3)}, "'x' no array"),
    ],
)
def test_columns_that_have_no_rows_in_common_are_not_split(table, found):
    with pytest.raises(ReproseError, match=f"rows of the columns: {found}. Allowed: arrays of one length"):
        ordered_split(table, validation=0.2, test=0.2)
