"""A report on a table of one's own with a model of scikit-learn, in as few lines as it takes."""

import io
import json
from pathlib import Path

import numpy as np
import pytest

from workflow.project import make_bare

FOLDER = Path(__file__).parent / "houses"
RESULTS = "results/sample/houses"
FILES = {
    str(path.relative_to(FOLDER)): path.read_text()
    for path in sorted(FOLDER.rglob("*"))
    if path.is_file() and "__pycache__" not in path.parts
}


def table():
    """Return the rows of some houses, whose price has to do with their size."""
    generator = np.random.default_rng(3)
    size, rooms = generator.integers(30, 200, 60), generator.integers(1, 7, 60)
    price = 3.0 * size + 10.0 * rooms + generator.normal(0, 5, 60)
    rows = [f"{s},{r},{p:.1f}\n" for s, r, p in zip(size, rooms, price, strict=True)]
    return "size,rooms,price\n" + "".join(rows)


@pytest.fixture
def houses(server, tmp_path):
    return server.equipped(make_bare(tmp_path / "project", {**FILES, "tables/houses.csv": table()}))


def test_the_example_has_few_lines():
    assert sum(len(text.splitlines()) for text in FILES.values()) <= 90


def test_a_table_and_an_estimator_become_a_report(houses):
    houses.build()
    assert houses.read("results/sample/handouts/houses.pdf").startswith(b"%PDF")
    numbers = json.loads(houses.read(f"{RESULTS}/numbers/numbers.json"))
    assert numbers["ridge.test.error"]["mean_of"] == "error"
    assert numbers["ridge.test.error"]["value"] < 100 < numbers["mean.test.error"]["value"]
    assert numbers["ridge.penalty"]["value"] in (0.1, 1.0, 10.0)
    header, *rows = houses.read(f"{RESULTS}/numbers/variants.csv").decode().splitlines()
    assert header.startswith("variant,test error,test error (std),")
    assert [row.split(",")[0] for row in rows] == ["ridge", "mean"]  # as in config.yaml
    (claim,) = json.loads(houses.read(f"{RESULTS}/section/claims.json"))
    assert claim["comparisons"][0]["difference"]["items"] == 12
    weights = houses.read(f"{RESULTS}/ridge/weights.npz")
    assert list(np.load(io.BytesIO(weights))) == ["1|skops:", "2|skops:"]
    houses.edit("scripts/problems/houses/train.py", ") ** 2}", ") ** 4}")
    assert {"first_1_2", "test", "numbers"} <= houses.build().rules()
    assert houses.read(f"{RESULTS}/ridge/weights.npz") == weights  # trained again, to the same bytes


def test_a_tested_view_without_a_measure_is_told_before_any_training(houses):
    houses.edit("scripts/problems/houses/train.py", "def measure(", "def measured(")
    build = houses.build(check=False)
    assert "problems.houses: the view 'shuffled' has a test part, but in" in build.text
    assert build.ran == set()
