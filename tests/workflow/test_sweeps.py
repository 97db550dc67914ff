"""A sweep over learning rates, spread over jobs, of which some diverge."""

import json

SWEEP = """      ridge:
        view: thirds
        hyperparameters: {epochs: 2000}
        blocks:
          first: {grid: {learning_rate: {log: [0.01, 100.0, 5]}}, seeds: [[1, 2]], split: 2}
"""
GRID = """      ridge:
        view: thirds
        blocks:
          first: {grid: {decay: [0.01, 0.1]}, seeds: [[1, 3]]}
"""
VARIANT = "results/sample/toy/ridge"


def test_a_trial_that_diverges_loses_and_is_told_in_the_table(toy):
    toy.edit("config.yaml", GRID, SWEEP)
    (toy.folder / "scripts/problems/toy/summary.py").unlink()
    section = toy.folder / "report/problems/toy.tex.j2"
    section.write_text(r'\section{A line} \VAR{table("ridge.trials")}')
    build = toy.build()
    assert {"first_part1_1_2", "first_part2_1_2"} <= build.rules()
    table = json.loads(toy.read(f"{VARIANT}/trials.json"))
    assert [row["trial"] for row in table if "diverged" in row][-1] == "learning_rate=100.0"
    assert sum(row["chosen"] for row in table) == 1
    assert "diverged" in toy.read("results/sample/toy/numbers/ridge.trials.csv").decode()
    assert toy.build().ran == set()
    toy.edit("config.yaml", "better: lower}", "better: lower, diverged: fails}")
    build = toy.build(check=False)
    assert "the metric 'error' is" in build.text and "expected a finite number" in build.text
