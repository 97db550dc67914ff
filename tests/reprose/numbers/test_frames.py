import numpy as np
import pandas as pd
import pytest

from reprose.base.errors import ReproseError
from reprose.numbers.frames import table
from reprose.numbers.registry import Table, constant, find, find_table, measured, read_numbers, write_numbers
from reprose.numbers.table_files import as_csv

SOURCE = "toy/summarize"
ERROR = measured("small.error", {1: 0.5, 2: 0.25}, 3, "lower", "toy/small/evaluate")


def frame():
    columns = {"Error": [ERROR, 0.125], "Rows": np.array([3, 40]), "Kind": ["a & b", "--"]}
    return pd.DataFrame(columns, index=pd.Index(["small", "Large one"], name="Model"))


def test_a_frame_becomes_numbers_of_the_registry_and_survives_the_file(tmp_path):
    made = table("models", frame(), SOURCE, digits={"Error": 2})
    write_numbers(tmp_path / "numbers.json", [ERROR, made])
    items = read_numbers(tmp_path / "numbers.json")
    assert find_table(items, "models") == made
    assert find(items, "models.large_one.error") == constant("models.large_one.error", 0.125, 2, SOURCE)
    assert find(items, "models.small.rows") == constant("models.small.rows", 3, 0, SOURCE)
    assert items["small.error"] == ERROR


def test_a_table_is_left_with_all_digits_as_csv():
    assert as_csv(table("models", frame(), SOURCE)) == (
        "Model,Error,Error (std),Rows,Kind\nsmall,0.375,0.1767766952966369,3,a & b\nLarge one,0.125,0.0,40,--\n"
    )


def test_an_index_that_only_counts_names_no_row():
    made = table("steps", pd.DataFrame({"loss": [1.0, 0.5]}), SOURCE)
    assert (made.columns, made.labels) == (("loss",), 0)
    assert [row[0].key for row in made.rows] == ["steps.0.loss", "steps.1.loss"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (frame().assign(Error=[0.5, float("nan")]), "no value for 'models.large_one.error'"),
        (frame().assign(Error=[0.5, float("inf")]), "number 'models.large_one.error' is inf"),
        (frame().assign(**{"error!": [1, 2]}).drop(columns="Rows").assign(Error=[1, 2]), "two cells are the number"),
        (frame().iloc[:0], "table 'models' has 0 rows"),
        ({"Error": 1}, "made of a dict, expected a DataFrame"),
    ],
)
def test_what_is_no_table_of_results_is_an_error(given, told):
    with pytest.raises(ReproseError, match=told):
        table("models", given, SOURCE)


def test_digits_of_a_column_that_is_not_there_are_an_error():
    with pytest.raises(ReproseError, match="table 'models': no column 'Eror'. There are: Error, Rows, Kind"):
        table("models", frame(), SOURCE, digits={"Eror": 2})


def test_one_key_for_two_numbers_is_an_error(tmp_path):
    other = measured("small.error", {1: 0.75}, 3, "lower", SOURCE)
    with pytest.raises(ReproseError, match="its number 'small.error' is given with another value"):
        write_numbers(tmp_path / "numbers.json", [other, table("models", frame(), SOURCE)])


def test_a_table_is_no_number(tmp_path):
    items = {"models": Table("models", ("A",), (("a",),), SOURCE)}
    with pytest.raises(ReproseError, match=r"'models' in numbers.json is a table, .* print it with table\('models'\)"):
        find(items, "models")
