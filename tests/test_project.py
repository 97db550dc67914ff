"""The project's own files agree with each other."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from reprose.config import reading
from reprose.config.experiments import TIERS, expand
from reprose.jobs.descriptions import Describer
from reprose.jobs.graph import Jobs
from reprose.jobs.rules import RULES, SEAL

ROOT = Path(__file__).resolve().parents[1]
CONDA_NAMES = {"matplotlib-base": "matplotlib", "pytorch": "torch", "snakemake-minimal": "snakemake"}


def pins(text):
    """Return name -> version of the pins in a requirements file."""
    return dict(re.findall(r"^([\w.-]+)==([\w.]+)", text, flags=re.MULTILINE))


def test_conda_and_pip_pin_the_same_versions():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    conda = dict(entry.split("=") for entry in listed)
    python = conda.pop("python")
    assert conda.pop("pandoc")  # pip takes the system's
    assert {CONDA_NAMES.get(name, name): version for name, version in conda.items()} == pins(
        (ROOT / "requirements.txt").read_text()
    )
    assert f">={python}" in (ROOT / "pyproject.toml").read_text()


def test_no_requirement_is_pinned_twice():
    assert (
        not pins((ROOT / "requirements.txt").read_text()).keys() & pins((ROOT / "constraints.txt").read_text()).keys()
    )


def test_one_name_for_rule_step_and_description():
    texts = "".join(path.read_text() for path in ROOT.glob("workflow/rules/*.smk"))
    steps = {path.stem for path in ROOT.glob("reprose/steps/*.py") if "\ndef main(key:" in path.read_text()}
    targets = {"real"}
    assert set(re.findall(r"^rule (\w+):", texts, re.M)) - targets == steps == set(RULES)
    assert all(callable(getattr(Describer, rule)) for rule in RULES)


def test_files_keep_the_sizes_that_readers_can_take_in():
    limits = {f"reprose/steps/{rule}.py": 60 for rule in RULES}
    limits |= {"reprose/**/*.py": 300, "scripts/**/*.py": 300, "workflow/rules/*.smk": 200, "Snakefile": 40}
    long = {}
    for pattern, limit in limits.items():
        for path in ROOT.glob(pattern):
            lines = [line for line in path.read_text().splitlines() if line.strip()]
            if len(lines) > limit:
                long[str(path)] = len(lines)
    assert long == {}


@pytest.mark.parametrize("tier", TIERS)
def test_only_evaluation_reads_the_test_part_of_a_view(tier):
    jobs = Jobs(expand(reading.load(ROOT / "config.yaml"), tier), ROOT)
    parts = {job.outputs[role] for job in jobs.all if job.rule == "prepare" for role in ("test", f"test{SEAL}")}
    readers = {job.rule for job in jobs.all if parts & set(job.paths)}
    assert readers - {"prepare"} == {"evaluate"}  # a view that is made of another keeps its parts apart


def test_no_data_and_no_results_are_tracked():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert not [name for name in tracked if name.startswith(("data/", "results/", "logs/", "benchmarks/"))]
