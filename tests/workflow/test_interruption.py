"""Edits and rivals in the middle of a build."""

import os

from workflow.processes import wait_for
from workflow.project import HANGS

NUMBERS = "results/sample/toy/numbers/numbers.json"
WEIGHTS = "results/sample/toy/plain/first_1_2/weights.npz"
CURVES = "results/sample/toy/figures/curves.svg"


def hold(project, file, before):
    """Make a step wait in the line that begins with `before`, once it works, until the file "go" is there."""
    waiting = 'Path("started").touch()\n    while not Path("go").exists():\n        time.sleep(0.05)\n'
    project.edit(file, f"    {before}", f"    {waiting}    {before}")
    text = (project.folder / file).read_text().replace("\n\n", "\n\nimport time\nfrom pathlib import Path\n", 1)
    (project.folder / file).write_text(text)


def started(project):
    """Wait until the step that `hold` made wait is there."""
    wait_for(lambda: (project.folder / "started").exists(), "a step that works")


def numbers_from_nothing(project):
    """Return the numbers of an undisturbed build that begins with nothing."""
    for name in ("results", "data", ".snakemake", ".reprose"):
        os.rename(project.folder / name, project.folder.parent / name)
    project.build()
    return project.read(NUMBERS)


def test_a_function_edited_while_its_job_runs_leaves_that_job_the_code_that_it_was_keyed_with(toy):
    before = toy.read(WEIGHTS)
    hold(toy, "scripts/problems/toy/train.py", "for run in runs:")
    build = toy.start_snakemake(WEIGHTS)
    started(toy)
    toy.edit("scripts/problems/toy/model.py", "2 * np.mean(error)", "2.5 * np.mean(error)")
    (toy.folder / "go").touch()
    text, _ = build.communicate(timeout=HANGS)
    assert build.returncode == 0, text
    assert toy.read(WEIGHTS) == before  # to wait changes no number; the edit would
    toy.build()
    assert toy.read(WEIGHTS) != before
    assert toy.read(NUMBERS) == numbers_from_nothing(toy)


def test_a_function_edited_while_the_front_door_builds_is_built_by_the_next_build(toy):
    hold(toy, "scripts/problems/toy/train.py", "for run in runs:")
    build = toy.start()
    started(toy)
    toy.edit("scripts/problems/toy/model.py", "2 * np.mean(error)", "2.5 * np.mean(error)")
    (toy.folder / "go").touch()
    text, _ = build.communicate(timeout=HANGS)
    assert "Traceback" not in text
    assert not [path for path in toy.folder.rglob(".new.*") if path.is_file()]
    toy.build()
    assert toy.read(NUMBERS) == numbers_from_nothing(toy)


def test_an_input_edited_while_its_job_runs_fails_that_job_and_the_next_build_is_right(toy):
    style = toy.folder / "report/style/figures.mplstyle"  # the project's own, which replaces the engine's
    style.parent.mkdir(exist_ok=True)
    style.write_bytes(toy.read("reprose/document/style/figures.mplstyle"))
    thin = toy.read(CURVES)
    hold(toy, "scripts/problems/toy/figures.py", "figure, axes = ")
    build = toy.start()
    started(toy)
    style.write_text(style.read_text() + "\nlines.linewidth: 3\n")
    (toy.folder / "go").touch()
    text, _ = build.communicate(timeout=HANGS)
    assert build.returncode != 0
    assert "report/style/figures.mplstyle changed while this step ran; run again" in text
    toy.build()
    assert toy.read(CURVES) != thin


def test_a_second_build_in_one_folder_is_refused_and_the_first_goes_on(toy):
    hold(toy, "scripts/problems/toy/train.py", "for run in runs:")
    first = toy.start()
    started(toy)
    for second in (toy.build(check=False), toy.snakemake(check=False)):
        assert second.code != 0
        assert "another build" in second.text
        assert "is running in this folder" in second.text
    (toy.folder / "go").touch()
    text, _ = first.communicate(timeout=HANGS)
    assert first.returncode == 0, text
