"""Light jobs that run without Snakemake: the same bytes, and nothing that a Snakemake after them would not know."""

import os
import signal

from workflow.processes import wait_for
from workflow.project import HANGS

SECTION = "report/problems/toy.tex.j2"
FIGURES = "scripts/problems/toy/figures.py"
PDF = "results/sample/handouts/toy.pdf"
PLANS = "Building DAG of jobs"


def plans(toy):
    """Return how often Snakemake was started by the front door."""
    return (toy.folder / "logs/sample/snakemake.log").read_text().count(PLANS)


def test_a_sentence_is_built_without_snakemake_and_to_the_same_bytes(toy):
    twin = toy.copy(toy.folder.parent / "twin")
    before = plans(toy)
    for project in (toy, twin):
        project.edit(SECTION, "The plain fit", "A plain fit")
    assert toy.build().rules() == {"section", "handouts"}
    assert plans(toy) == before
    twin.snakemake()
    assert toy.made() == twin.made()
    assert toy.snakemake().ran == set()
    assert "Nothing to be done" in toy.snakemake("--dry-run").text


def test_figures_of_another_colour_run_no_snakemake(toy):
    before = plans(toy)
    toy.edit(FIGURES, "figsize=(3, 2)", "figsize=(4, 2)")
    assert toy.build().rules() == {"figures", "section", "handouts"}
    assert plans(toy) == before
    assert toy.snakemake().ran == set()


def test_with_rules_of_its_own_snakemake_runs_all(toy):
    before = plans(toy)
    toy.edit(
        "Snakefile",
        "rule all:",
        'rule own:\n    output:\n        "own.txt",\n    shell:\n        "touch {output}"\n\n\nrule all:',
    )
    toy.edit(SECTION, "The plain fit", "A plain fit")
    assert toy.build().rules() == {"section", "handouts"}
    assert plans(toy) == before + 1


def test_a_light_job_that_fails_is_told_with_its_place_and_the_next_build_is_whole(toy):
    before = toy.read(PDF)
    toy.edit(SECTION, 'n("plain.error")', 'n("plain.eror")')
    failed = toy.build(check=False)
    assert failed.code == 1
    assert f"{SECTION}:3" in failed.text
    assert "not built: toy, as these sections failed: toy; results/sample/handouts/.stale/toy.pdf" in failed.text
    assert "Traceback" not in failed.text
    toy.edit(SECTION, 'n("plain.eror")', 'n("plain.error")')
    assert toy.build().ran == set()
    assert toy.read(PDF) == before


def test_a_light_job_that_is_killed_is_told(toy):
    toy.edit(FIGURES, "figsize=(3, 2)", "figsize=(4, 2 + (os.kill(os.getpid(), 9) or 0))")
    toy.edit(FIGURES, "import matplotlib.pyplot as plt", "import os\n\nimport matplotlib.pyplot as plt")
    failed = toy.build(check=False)
    assert failed.code == 1
    assert "toy/plot: the job ended without a message, as after a kill or for want of memory" in failed.text


def test_an_interrupted_build_ends_its_light_jobs_and_leaves_nothing_half_made(toy):
    waiting = 'Path("started").touch()\n    while True:\n        time.sleep(0.05)\n    return'
    text = (toy.folder / FIGURES).read_text()
    toy.edit(FIGURES, "    return", f"    {waiting}")
    (toy.folder / FIGURES).write_text(
        (toy.folder / FIGURES).read_text().replace("\n\n", "\n\nimport time\nfrom pathlib import Path\n", 1)
    )
    build = toy.start()
    wait_for(lambda: (toy.folder / "started").exists(), "a step that works")
    os.kill(build.pid, signal.SIGINT)  # this process alone, as `kill -INT` does
    said, _ = build.communicate(timeout=HANGS)
    assert build.returncode != 0
    assert "interrupted; ending the jobs" in said
    assert "Traceback" not in said
    assert not [path for path in toy.folder.rglob(".new.*") if path.is_file()]
    (toy.folder / FIGURES).write_text(text)
    assert toy.build().ran == set()
    assert toy.snakemake().ran == set()


def test_an_edit_that_is_undone_after_a_build_costs_nothing_there_and_back(toy):
    states = {}
    for words in ("A plain fit", "The plain fit", "A plain fit", "The plain fit"):
        toy.edit(SECTION, "The plain fit" if words == "A plain fit" else "A plain fit", words)
        built = toy.build()
        known = words in states or words == "The plain fit"
        assert (built.ran == set()) == known, (words, built.text)
        assert states.setdefault(words, toy.made()) == toy.made()
        assert toy.snakemake().ran == set()


def test_trainings_come_back_too_with_all_that_follows_there_and_back(toy):
    before = toy.made()
    toy.edit("config.yaml", "epochs: 20", "epochs: 21")
    assert "first_1_2" in str(toy.build().ran)
    toy.edit("config.yaml", "epochs: 21", "epochs: 20")
    built = toy.build()
    assert built.ran == set()
    assert "an edit was undone; results are back" in built.text
    assert toy.made() == before
    toy.edit("config.yaml", "epochs: 20", "epochs: 21")
    assert toy.build().ran == set()
    assert toy.snakemake().ran == set()


def test_figures_of_results_that_are_not_valid_wait_for_these(toy):
    toy.edit("scripts/problems/toy/model.py", "2 * np.mean(error)", "3 * np.mean(error)")  # evaluations follow later
    twin = toy.copy(toy.folder.parent / "twin")
    toy.build()
    twin.snakemake()
    assert toy.made() == twin.made()


SILENT = """
from reprose.commands import cli
from reprose.commands.invocation import Snakemake
Snakemake.run = lambda *_: 0  # says that all went well
cli.main()
"""


def test_what_did_not_run_is_not_called_built(toy):
    toy.edit("config.yaml", "epochs: 20", "epochs: 21")
    built = toy.run([toy.python, "-c", SILENT, "build"], check=False)
    assert built.code == 1
    assert "not built: toy, as these sections failed: toy" in built.text
