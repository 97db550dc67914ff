"""The made-up jobs that the bench runs with several tools: each tool sees the same ones."""

import os
import subprocess
import sys

import yaml

from bench.dag import projects


def test_every_job_stands_after_those_that_it_needs():
    made = set()
    for job in projects.jobs(projects.described(2)):
        assert {path for path in job.inputs if path.startswith("out/")} <= made
        made |= set(job.outputs)
    assert "out/page.pdf" in made


def test_a_hundred_and_sixty_trainings_come_with_some_three_hundred_jobs():
    found = list(projects.jobs(projects.described(10)))
    assert sum("scripts/train.py" in job.command for job in found) == 160
    assert len(found) == 273


def test_make_would_call_each_script_once(tmp_path):
    description = projects.described(1)
    projects.write_peer(tmp_path, description)
    projects.write_make(tmp_path, description)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}  # of `make test`
    done = subprocess.run(["make", "-n"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert sorted(done.stdout.splitlines()) == sorted(job.command for job in projects.jobs(description))


def test_plain_snakemake_would_call_each_script_once(tmp_path):
    description = projects.described(1)
    projects.write_peer(tmp_path, description)
    projects.write_snakemake(tmp_path, description)
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--printshellcmds", "--cores", "1"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    called = [line.strip() for line in (done.stdout + done.stderr).splitlines() if "scripts/" in line]
    commands = {line.removeprefix("Shell command: ") for line in called if sys.executable in line}
    assert commands == {job.command for job in projects.jobs(description)}


def test_dvc_has_a_stage_for_each_job(tmp_path):
    projects.write_dvc(tmp_path, projects.described(1))
    stages = yaml.safe_load((tmp_path / "dvc.yaml").read_text())["stages"]
    assert len(stages) == len(list(projects.jobs(projects.described(1))))


def test_swapping_two_values_changes_the_trainings_of_one_variant_only():
    before, after = (list(projects.jobs(projects.described(2, swapped))) for swapped in (False, True))
    changed = [new.name for old, new in zip(before, after, strict=True) if old != new]
    assert changed == [f"p0/variant0/seed{seed}" for seed in projects.SEEDS]
