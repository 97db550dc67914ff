"""A CSV of the project as a data set, without a module."""

import shutil

import numpy as np
import pytest

NUMBERS = "results/sample/toy/numbers/numbers.json"
TABLE = "tables/points.csv"
SHIFTED = """  shifted: # the same parts, made of that view
    dataset: line
    of: thirds
    split: shifted
    values: {by: 1.0}
    test: true
"""
FOLLOWER = """      follower: # trains with the decay that won
        view: shifted
        uses: {decay: toy/ridge/decay}
        blocks:
          first: {seeds: [[1, 1]]}
"""


@pytest.fixture
def own(fresh):
    """The toy project on a table of its own."""
    (fresh.folder / TABLE).parent.mkdir()
    x = np.random.default_rng(1).normal(size=60)
    rows = "".join(f"{a:.6f},{2 * a + 1:.6f}\n" for a in x)
    (fresh.folder / TABLE).write_text(f"x,y\n{rows}")
    shutil.rmtree(fresh.folder / "scripts/datasets")
    fresh.edit("config.yaml", "sample: {seed: 3, rows: 60}", f"file: {TABLE}")
    fresh.edit(
        "config.yaml", "split: thirds\n    values: {}", "split: ordered_split\n    values: {validation: 0.3, test: 0.3}"
    )
    for block in (SHIFTED, FOLLOWER):
        fresh.edit("config.yaml", block, "")
    return fresh


def test_a_table_of_the_project_is_a_data_set_by_one_line_and_counts_by_its_contents(own):
    own.build()
    before = own.read(NUMBERS)
    assert own.build().ran == set()
    text = (own.folder / TABLE).read_text()
    (own.folder / TABLE).write_text(text.replace("\n", "\n1.000000,9.000000\n", 1))
    assert own.build().ran
    assert own.read(NUMBERS) != before
    (own.folder / TABLE).write_text(text.replace("\n", "\n,9.000000\n", 1))
    build = own.build(check=False)
    assert "points.csv: row 1 of column 'x' has no value" in build.text
    assert "Traceback" not in build.text
    own.edit("config.yaml", f"file: {TABLE}", "file: tables/other.csv")
    assert (
        "datasets.line.file is 'tables/other.csv'. Allowed: an existing file of the project"
        in own.build(check=False).text
    )
