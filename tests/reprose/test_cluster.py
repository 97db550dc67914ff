"""What a build asks of Slurm, with programs in its place that say what a test wants."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reprose import cluster
from reprose.errors import ReproseError

PROFILE = "executor: slurm\nslurm-status-command: squeue\n"


@pytest.fixture(autouse=True)
def programs(tmp_path, monkeypatch):
    """An empty project, and a folder of Slurm's programs that fail unless a test replaces them."""
    (tmp_path / "project/.reprose").mkdir(parents=True)
    (tmp_path / "project/profiles/slurm").mkdir(parents=True)
    (tmp_path / "project/profiles/slurm/profile.yaml").write_text(PROFILE)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / cluster.PLUGIN).mkdir()
    (tmp_path / "bin" / cluster.PLUGIN / "__init__.py").touch()
    monkeypatch.chdir(tmp_path / "project")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.syspath_prepend(tmp_path / "bin")
    monkeypatch.delenv(cluster.TOKEN_VARIABLE, raising=False)
    for name in cluster.PROGRAMS:
        program(tmp_path / "bin" / name, "echo Unable to contact slurm controller >&2; exit 1")
    return tmp_path / "bin"


def program(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def queue(programs, *rows):
    """Let squeue list `rows` until scancel is called, which notes what it was asked to cancel."""
    (programs / "queue").write_text("".join(f"{row}\n" for row in rows))
    program(programs / "squeue", f"cat {programs}/queue")
    program(programs / "scancel", f'echo "$@" >> {programs}/cancelled; : > {programs}/queue')


def row(number, state="RUNNING", reason="None", folder=None):
    return f"{number}|{state}|{reason}|rule_train_wildcards_sample_toy|{folder or Path.cwd()}"


def test_without_a_cluster_nothing_is_asked():
    cluster.settle(submits=False)
    assert not cluster.MARKER.exists()


def test_what_an_interrupted_build_left_is_cancelled_and_told(programs, capsys):
    cluster.MARKER.write_text("earlier")
    queue(programs, row(7), row(8, "PENDING", "Priority"), row(9, folder="/elsewhere"))
    cluster.settle(submits=False)
    assert (programs / "cancelled").read_text().split() == ["7", "8"]
    assert "7 (train sample_toy, running), 8 (train sample_toy, pending)" in capsys.readouterr().err
    assert not cluster.MARKER.exists()


def test_where_the_queue_cannot_be_asked_no_build_goes_on():
    cluster.MARKER.write_text("earlier")
    with pytest.raises(ReproseError, match=r"'squeue': Unable to contact .* if you are sure .* delete \.reprose/slurm"):
        cluster.settle(submits=False)
    assert cluster.MARKER.exists()


def test_cancelled_jobs_that_do_not_end_are_an_error(programs, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 0)
    queue(programs, row(7, "COMPLETING"))
    program(programs / "scancel", "exit 0")
    with pytest.raises(ReproseError, match=r"7 \(train sample_toy, completing\): cancelled 0 s ago, but not ended"):
        cluster.settle(submits=True)


def test_a_job_of_an_earlier_build_refuses_to_run(programs):
    queue(programs)
    cluster.settle(submits=True)
    cluster.check_wanted()
    cluster.MARKER.write_text("a later build")
    with pytest.raises(ReproseError, match="submitted by a build that has ended since"):
        cluster.check_wanted()


def test_the_queue_is_told_in_one_line(programs):
    queue(
        programs, row(1), row(2, "PENDING", "Resources"), row(3, "PENDING", "Priority"), row(4, "PENDING", "Priority")
    )
    assert cluster.summary(cluster.jobs()) == "on the cluster: 1 running, 3 pending (Priority, Resources)"


def test_a_profile_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(ReproseError, match=r"no profile 'slrum' in .*profiles. There are: slurm\."):
        cluster.options("slrum", Path.cwd())


def test_a_missing_program_is_named_at_once(programs, monkeypatch):
    (programs / "sbatch").unlink()
    monkeypatch.setenv("PATH", str(programs))
    with pytest.raises(ReproseError, match="not found in PATH: sbatch"):
        cluster.options("slurm", Path.cwd())


def test_a_missing_plugin_is_named_at_once(monkeypatch):
    monkeypatch.setattr(cluster, "PLUGIN", "snakemake_executor_plugin_nowhere")
    with pytest.raises(ReproseError, match="pip install -r requirements-slurm.txt"):
        cluster.options("slurm", Path.cwd())


def test_a_controller_that_does_not_answer_is_named_at_once():
    with pytest.raises(ReproseError, match="'scontrol': Unable to contact slurm controller. Run again when it works"):
        cluster.options("slurm", Path.cwd())


@pytest.mark.parametrize("age, good", [("300 sec", True), ("60 sec", False), ("0 sec", True)])
def test_a_cluster_that_forgets_its_jobs_too_soon_is_refused(programs, age, good):
    program(programs / "scontrol", f"echo 'MinJobAge               = {age}'")
    if good:
        assert cluster.options("slurm", Path.cwd()) == ["--profile", str(Path.cwd() / "profiles/slurm")]
    else:
        with pytest.raises(ReproseError, match=r"forgets a job 60 s after its end .*'slurm-status-command: sacct'"):
            cluster.options("slurm", Path.cwd())


def test_a_failed_job_is_explained_by_its_log():
    log = cluster.LOGS / "rule_train/sample_toy/12.log"
    log.parent.mkdir(parents=True)
    log.write_text("| error: toy: too wide\nslurmstepd: error: *** JOB 12 ON n1 CANCELLED DUE TO TIME LIMIT ***\n")
    line = "    message: SLURM-job '12' failed, SLURM status is: 'TIMEOUT'. Detailed failure reason unavailable\n"
    assert cluster.explained(line).splitlines() == [
        "| error: job 12 on the cluster has ended as TIMEOUT",
        "|   error: toy: too wide",
        "|   slurmstepd: error: *** JOB 12 ON n1 CANCELLED DUE TO TIME LIMIT ***",
    ]


def test_a_refused_job_is_explained():
    line = "SLURM sbatch failed. The error message was 'sbatch: error: invalid partition specified: fast\n"
    assert (
        cluster.explained(line)
        == "| error: the cluster takes no such job: sbatch: error: invalid partition specified: fast\n"
    )


def test_the_queue_is_told_while_a_build_waits_and_only_when_it_changes(programs):
    cluster.MARKER.write_text("this build")
    queue(programs, row(2, "PENDING", "Resources"))
    body = "import time\nfrom reprose import cluster\ncluster.INTERVAL = .05\nwith cluster.told(): time.sleep(1)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", body], env=environment, capture_output=True, text=True, timeout=60)
    assert done.stdout == "on the cluster: 1 pending (Resources)\n"
