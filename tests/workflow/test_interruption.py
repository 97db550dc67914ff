"""Edits and rivals in the middle of a build."""

import os
import time
from pathlib import Path

PAUSE = ("config.yaml", "pause: 0.0", "pause: 0.15")  # three seconds per run
NUMBERS = "results/sample/toy/numbers/numbers.json"


def wait_for_step(project, name="train.py", timeout=60):
    """Return the process number of a running step of `project`."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = path.read_bytes().split(b"\0")
                here = (path.parent / "cwd").resolve() == project.folder.resolve()
            except OSError:
                continue
            if here and len(words) > 1 and words[0].endswith(b"python") and words[1] == f"scripts/{name}".encode():
                return int(path.parent.name)
        time.sleep(0.05)
    raise AssertionError(f"no step {name} was started")


def numbers_from_nothing(project):
    """Return the numbers of an undisturbed build that begins with nothing."""
    for name in ("results", "data", ".snakemake", ".reprose"):
        os.rename(project.folder / name, project.folder.parent / name)
    project.build()
    return project.read(NUMBERS)


def partial_files(project):
    """Return what unfinished steps left among the results."""
    return [path for path in project.folder.rglob(".new.*") if path.is_file()]


def test_a_function_edited_while_its_job_runs_fails_that_job_and_the_next_build_is_right(toy):
    toy.edit(*PAUSE)
    build = toy.start()
    wait_for_step(toy)
    time.sleep(1)
    toy.edit("scripts/problems/toy/model.py", "2 * np.mean(error)", "2.5 * np.mean(error)")
    text, _ = build.communicate(timeout=120)
    assert build.returncode != 0
    assert "problems.toy.model:gradient changed while this step ran; run again" in text
    assert not partial_files(toy)
    toy.edit("config.yaml", "pause: 0.15", "pause: 0.0")
    toy.build()
    assert toy.read(NUMBERS) == numbers_from_nothing(toy)


def test_an_input_edited_while_its_job_runs_fails_that_job_and_the_next_build_is_right(toy):
    slow = '\\BLOCK{for a in "x" * 12000}\\BLOCK{for b in "x" * 6000}\\BLOCK{endfor}\\BLOCK{endfor}'
    toy.edit("report/problems/toy.tex.j2", "The plain fit", f"{slow}The simple fit")
    build = toy.start()
    wait_for_step(toy, "write.py")
    time.sleep(1.2)
    toy.edit("report/problems/toy.tex.j2", f"{slow}The simple", "The plainest")
    text, _ = build.communicate(timeout=120)
    assert "report/problems/toy.tex.j2 changed while this step ran; run again" in text
    toy.build()
    assert b"The plainest fit" in toy.read("results/sample/toy/section/section.tex")


def test_a_second_build_in_one_folder_is_refused_and_the_first_goes_on(toy):
    toy.edit(*PAUSE)
    first = toy.start()
    wait_for_step(toy)
    for second in (toy.build(check=False), toy.snakemake(check=False)):
        assert second.code != 0
        assert "another build" in second.text
        assert "is running in this folder" in second.text
    text, _ = first.communicate(timeout=180)
    assert first.returncode == 0, text
