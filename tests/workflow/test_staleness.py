"""Nothing stale, nothing in vain: what reruns after an edit, and what does not."""

import os
import shutil

MODEL = "scripts/problems/toy/model.py"
HELPER = "scripts/problems/toy/helper.py"
TRAINING = {"train", "choose", "evaluate"}
PLAIN = "results/sample/toy/plain"


def rules_of(build):
    """Return which rules ran, from the records of their jobs."""
    ends = {"figures": "plot", "numbers": "summarize", "section": "write", "test": "evaluate", "handouts": "typeset"}
    found = set()
    for record in build.ran:
        parts = record.split("/")
        if parts[0] == "data":
            found.add("fetch")
        elif parts[2] == "views":
            found.add("prepare")
        else:
            found.add(ends.get(parts[-2]) or {5: "choose", 6: "train"}[len(parts)])
    return found


def test_a_second_build_runs_no_job(toy):
    assert toy.build().ran == set()


def test_bare_snakemake_has_nothing_to_do_after_a_build(toy):
    assert toy.snakemake().ran == set()


def test_a_comment_a_docstring_and_a_reformat_rerun_only_the_section_that_lists_the_code(toy):
    toy.edit(HELPER, "# the order of this sum", "# the sequence of this sum")
    toy.edit(HELPER, '"""Return the error of a prediction."""', '"""Return the residual."""')
    toy.edit(HELPER, "slope * x + offset - y", "slope  *  x + offset -\\\n        y")
    toy.edit("reprose/steps/train.py", '"""Train the runs of one batch', '"""Train all runs of one batch')
    toy.edit("reprose/base/messages.py", "# begins each line", "# opens each line")
    assert toy.build().ran == set()
    toy.edit(MODEL, '"""Return the mean squared error."""', '"""Return the mean of squares."""')
    assert rules_of(toy.build()) == {"write", "typeset"}
    assert b"mean of squares" in toy.read("results/sample/toy/section/section.tex")


def test_touched_files_rerun_nothing(toy):
    for path in [*toy.folder.glob("scripts/**/*.py"), *toy.folder.glob("report/**/*.*"), toy.folder / "config.yaml"]:
        os.utime(path)
    assert toy.build().ran == set()


def test_an_edit_that_is_undone_before_a_build_reruns_nothing(toy):
    toy.edit(MODEL, "2 * np.mean(error)", "3 * np.mean(error)")
    toy.edit(MODEL, "3 * np.mean(error)", "2 * np.mean(error)")
    assert toy.build().ran == set()


def test_a_checkout_away_and_back_reruns_nothing(toy):
    away = toy.folder.parent / "away"
    for name in ("scripts", "report"):
        shutil.copytree(toy.folder / name, away / name)
        shutil.rmtree(toy.folder / name)
        shutil.copytree(away / name, toy.folder / name, copy_function=shutil.copyfile)
    assert toy.build().ran == set()


def test_an_edited_figure_reruns_no_training(toy):
    toy.edit("scripts/problems/toy/figures.py", "figsize=(3, 2)", "figsize=(4, 2)")
    assert rules_of(toy.build()) == {"plot", "write", "typeset"}


def test_an_edited_helper_reruns_exactly_the_jobs_that_reach_it(toy):
    toy.edit(HELPER, '"epoch"', '"epochs"')
    assert rules_of(toy.build()) == {"plot", "write", "typeset"}
    toy.edit(HELPER, "SCALE = 1.0", "SCALE = 2.0")
    assert rules_of(toy.build()) >= TRAINING
    assert toy.build().ran == set()


def test_a_rewrite_that_gives_equal_bytes_stops_there(toy):
    toy.edit("scripts/datasets/line.py", 'size = len(table["x"]) // 3', 'size = len(table["y"]) // 3')
    assert rules_of(toy.build()) == {"prepare", "typeset"}  # the appendix names the code of every job


def test_a_view_made_of_another_follows_it_and_stops_where_bytes_are_equal(toy):
    views = "results/sample/views"
    toy.edit("scripts/datasets/line.py", "by * np.sign", "2 * by * np.sign")
    ran = toy.build().ran
    assert {record for record in ran if "views" in record} == {f"{views}/shifted/run.json"}
    assert "results/sample/toy/follower/first_1_1/run.json" in ran
    assert f"{PLAIN}/first_1_2/run.json" not in ran
    toy.edit("scripts/datasets/line.py", '"train": 0, "validation": size', '"train": size, "validation": 0')
    assert f"{views}/shifted/run.json" in toy.build().ran
    toy.edit("scripts/datasets/line.py", 'size = len(table["x"]) // 3', 'size = len(table["y"]) // 3')
    assert {record for record in toy.build().ran if "views" in record} == {f"{views}/thirds/run.json"}


def test_a_hyperparameter_of_one_variant_reruns_that_variant_only(toy):
    toy.edit("config.yaml", "first: {seeds: [[1, 2], [3, 3]]}", "first: {seeds: [[1, 2], [3, 3], [4, 4]]}")
    ran = toy.build().ran
    assert {record for record in ran if "first" in record} == {f"{PLAIN}/first_4_4/run.json"}


def test_two_values_swapped_rerun_the_training(toy):
    toy.edit("config.yaml", "learning_rate: 0.1, epochs: 20, decay: 0.0", "learning_rate: 0.1, epochs: 20, decay: 0.2")
    toy.build()
    toy.edit("config.yaml", "learning_rate: 0.1, epochs: 20, decay: 0.2", "learning_rate: 0.2, epochs: 20, decay: 0.1")
    assert f"{PLAIN}/first_1_2/run.json" in toy.build().ran


def test_a_value_set_equal_to_another_reruns_the_training(toy):
    toy.edit("config.yaml", "decay: 0.0, pause: 0.0", "decay: 0.1, pause: 0.0")  # equal to the learning rate
    assert f"{PLAIN}/first_1_2/run.json" in toy.build().ran


def test_a_changed_winner_retrains_the_variant_that_uses_it(toy):
    before = toy.read("results/sample/toy/follower/first_1_1/weights.npz")
    toy.edit("config.yaml", "grid: {decay: [0.01, 0.1]}", "grid: {decay: [0.5, 0.4]}")
    assert "results/sample/toy/follower/first_1_1/run.json" in toy.build().ran
    assert toy.read("results/sample/toy/follower/first_1_1/weights.npz") != before


def test_an_unchanged_winner_does_not_retrain_the_variant_that_uses_it(toy):
    toy.edit(
        "config.yaml", "grid: {decay: [0.01, 0.1]}, seeds: [[1, 3]]", "grid: {decay: [0.01, 0.1]}, seeds: [[1, 4]]"
    )
    ran = toy.build().ran
    assert "results/sample/toy/ridge/first_1_4/run.json" in ran
    assert "results/sample/toy/follower/first_1_1/run.json" not in ran


def test_a_lost_snakemake_folder_with_a_changed_value_remakes_what_depends_on_it(toy):
    shutil.rmtree(toy.folder / ".snakemake")
    toy.edit("config.yaml", "epochs: 20", "epochs: 21")
    assert rules_of(toy.build()) >= TRAINING
    assert toy.build().ran == set()


def test_a_truncated_intermediate_file_is_remade(toy):
    path = toy.folder / PLAIN / "first_1_2/histories.npz"
    whole = path.read_bytes()
    path.write_bytes(whole[:100])
    assert f"{PLAIN}/first_1_2/run.json" in toy.build().ran
    assert path.read_bytes() == whole


def test_a_hand_edited_number_does_not_survive(toy):
    path = toy.folder / "results/sample/toy/numbers/numbers.json"
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b'"lower"', b'"upper"'))
    toy.build()
    assert path.read_bytes() == whole


def test_a_deleted_figure_is_drawn_again(toy):
    (toy.folder / "results/sample/toy/figures/curves.pdf").unlink()
    assert rules_of(toy.build()) == {"plot"}


def test_an_edit_undone_after_an_interrupted_build_brings_the_results_back(toy):
    toy.edit(HELPER, "SCALE = 1.0", "SCALE = undefined_name")
    assert toy.build(check=False).code != 0
    toy.edit(HELPER, "SCALE = undefined_name", "SCALE = 1.0")
    assert toy.build().ran == set()


def test_an_edited_environment_file_reruns_nothing_because_keys_hold_the_versions_in_use(toy):
    toy.edit("environment.yml", "name: reprose", "name: reprose  # another comment")
    assert toy.build().ran == set()
