"""Random histories of edits, failures, kills, losses and builds never show a stale number.

HISTORIES=300 HISTORIES_SEED=7 make test ARGS="-s tests/workflow/test_histories.py" tries more, with other seeds.
HISTORIES_REPLAY='[...]' repeats the history that a failure printed.
"""

import os
import subprocess
import sys

from workflow.histories import Workshop
from workflow.project import ROOT

COUNT = int(os.environ.get("HISTORIES", "20"))
SEED = int(os.environ.get("HISTORIES_SEED", "1"))
REPLAY = os.environ.get("HISTORIES_REPLAY")
AT_ONCE = 2


def test_after_each_build_of_a_random_history_nothing_is_stale_and_nothing_ran_in_vain(tmp_path, record_property):
    words = [["--count", str(-(-COUNT // AT_ONCE)), "--seed", str(SEED + place)] for place in range(AT_ONCE)]
    if REPLAY:
        words = [["--replay", REPLAY, "--shorten", os.environ.get("HISTORIES_SHORTEN", "0")]]
    command = [sys.executable, "-m", "workflow.histories", "--shared", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "env": environment}
    explorers = [subprocess.Popen([*command, *more], **pipes) for more in words]
    told = [explorer.communicate()[0] for explorer in explorers]
    for place, text in enumerate(told):
        print(text)
        record_property(f"histories {place}", text.strip().splitlines()[-1])
    assert [explorer.returncode for explorer in explorers] == [0] * len(explorers)


def test_programs_that_start_at_once_make_the_bytes_that_the_real_ones_make(workshop: Workshop, fresh):
    fast = workshop.clean_build(workshop.equipped(fresh))
    fresh.snakemake()
    slow = fresh.made()
    assert {name for name in slow if slow[name] != fast.get(name)} <= typeset(slow)


def typeset(made):
    """Return what LaTeX and pandoc make."""
    return {name for name in made if name.startswith("results/sample/handouts/")}
