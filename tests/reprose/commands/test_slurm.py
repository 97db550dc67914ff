"""What a build asks of Slurm, with programs in its place that say what a test wants."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reprose.base.errors import ReproseError
from reprose.commands import slurm

PROFILE = "executor: slurm\nslurm-status-command: squeue\n"


@pytest.fixture(autouse=True)
def programs(tmp_path, monkeypatch):
    """An empty project, and a folder of Slurm's programs that fail unless a test replaces them."""
    (tmp_path / "project/.reprose").mkdir(parents=True)
    (tmp_path / "project/profiles/slurm").mkdir(parents=True)
    (tmp_path / "project/profiles/slurm/profile.yaml").write_text(PROFILE)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / slurm.PLUGIN).mkdir()
    (tmp_path / "bin" / slurm.PLUGIN / "__init__.py").touch()
    monkeypatch.chdir(tmp_path / "project")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.syspath_prepend(tmp_path / "bin")
    monkeypatch.delenv(slurm.TOKEN_VARIABLE, raising=False)
    for name in slurm.PROGRAMS:
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


def row(number, state="RUNNING", reason="None", name="reprose-earlier_1f0", folder=None):
    return f"{number}|{name}|{state}|{reason}|rule_train_wildcards_sample_toy|{folder or Path.cwd()}"


def left(*tokens, current=None, ended=0):
    """Let `.reprose/slurm` know builds of this folder, those of `tokens` ended so many seconds ago."""
    made = {"current": current, "ended": {token: time.time() - ended for token in tokens}}
    slurm.MARKER.write_text(json.dumps(made))


def test_without_a_cluster_nothing_is_asked():
    slurm.settle(submits=False)
    assert not slurm.MARKER.exists()


def test_what_an_interrupted_build_left_is_cancelled_and_told(programs, capsys):
    left(current="reprose-earlier")
    queue(programs, row(7), row(8, "PENDING", "Priority"))
    slurm.settle(submits=False)
    assert (programs / "cancelled").read_text().split() == ["--quiet", "7", "8"]
    assert "7 (train sample_toy, running), 8 (train sample_toy, pending)" in capsys.readouterr().err


def test_only_jobs_of_this_folders_builds_are_cancelled(programs, monkeypatch):
    left("reprose-older", current="reprose-earlier")
    notebook, head = row(1, name="jupyter"), row(2, name="reprose-earlier_head")
    elsewhere = row(3, folder="/elsewhere"), row(4, name="reprose-strange_1f0", folder="/elsewhere")
    unknown, longer = row(5, name="reprose-strange_1f0"), row(6, name="reprose-earlier2_1f0")
    monkeypatch.setenv("SLURM_JOB_ID", "2")
    queue(programs, notebook, head, *elsewhere, unknown, longer, row(7), row(8, name="reprose-older_mine_1f0"))
    slurm.settle(submits=True)
    assert (programs / "cancelled").read_text().split() == ["--quiet", "7", "8"]


def test_without_a_build_that_submitted_nobody_is_cancelled_or_asked(programs):
    token = slurm.settle(submits=True)  # the programs fail: asking would raise
    assert json.loads(slurm.MARKER.read_text()) == {"current": token, "ended": {}}


def test_the_jobs_of_a_build_bear_its_token(programs):
    token = slurm.settle(submits=True)
    queue(programs, row(1, name=f"{token}_1f0"), row(2, name=f"{token}_mine_1f0"), row(3), row(4, name="jupyter"))
    assert [job.number for job in slurm.jobs()] == ["1", "2"]
    assert re.fullmatch("[A-Za-z0-9-]{1,30}", token)  # what the plugin takes, with room for a person's own prefix


def test_a_job_that_was_being_submitted_when_its_build_died_is_cancelled_an_hour_long(programs):
    queue(programs)
    left("reprose-gone", current="reprose-earlier", ended=slurm.MEMORABLE - 60)
    slurm.settle(submits=False)
    queue(programs, row(7), row(8, name="reprose-gone_1f0"))
    slurm.settle(submits=False)
    assert (programs / "cancelled").read_text().split() == ["--quiet", "7", "8"]
    left("reprose-gone", ended=slurm.MEMORABLE + 60)
    slurm.settle(submits=False)
    assert not slurm.MARKER.exists()


def test_jobs_that_end_by_themselves_are_awaited_and_not_cancelled(programs, capsys):
    left(current="reprose-earlier")
    queue(programs, row(7, "COMPLETING"))
    program(programs / "squeue", f"cat {programs}/queue; : > {programs}/queue")
    slurm.settle(submits=False)
    assert not (programs / "cancelled").exists() and not capsys.readouterr().err


def test_a_damaged_list_of_builds_is_an_error():
    slurm.MARKER.write_text("1f0")
    with pytest.raises(ReproseError, match=r"\.reprose/slurm: damaged.* names begin with 'reprose-', and delete"):
        slurm.settle(submits=False)


def test_where_the_queue_cannot_be_asked_no_build_goes_on():
    left(current="reprose-earlier")
    with pytest.raises(ReproseError, match=r"'squeue': Unable to contact .* if you are sure .* delete \.reprose/slurm"):
        slurm.settle(submits=False)
    assert slurm.MARKER.exists()


def test_cancelled_jobs_that_do_not_end_are_an_error(programs, monkeypatch):
    monkeypatch.setattr(slurm, "PATIENCE", 0)
    left(current="reprose-earlier")
    queue(programs, row(7, "COMPLETING"))
    program(programs / "scancel", "exit 0")
    with pytest.raises(ReproseError, match=r"7 \(train sample_toy, completing\): cancelled 0 s ago, but not ended"):
        slurm.settle(submits=True)


def test_a_job_of_an_earlier_build_refuses_to_run(programs):
    queue(programs)
    slurm.settle(submits=True)
    slurm.check_wanted()
    left(os.environ[slurm.TOKEN_VARIABLE], current="reprose-later")
    with pytest.raises(ReproseError, match="submitted by a build that has ended since"):
        slurm.check_wanted()


def test_a_job_refuses_to_run_once_its_build_is_known_to_have_ended(programs, monkeypatch):
    monkeypatch.setenv(slurm.TOKEN_VARIABLE, slurm.settle(submits=True))
    with pytest.raises(ReproseError, match="'squeue'"):
        slurm.settle(submits=False)  # the cluster does not answer, and what is left there may start yet
    with pytest.raises(ReproseError, match="submitted by a build that has ended since"):
        slurm.check_wanted()


def test_the_queue_is_told_in_one_line(programs):
    left(current="reprose-earlier")
    waiting = row(2, "PENDING", "Resources"), row(3, "PENDING", "Priority"), row(4, "PENDING", "Priority")
    queue(programs, row(1), *waiting, row(5, name="jupyter"))
    assert slurm.summary(slurm.jobs()) == "on the cluster: 1 running, 3 pending (Priority, Resources)"


def test_a_profile_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(ReproseError, match=r"no profile 'slrum' in .*profiles. There are: .*slurm\."):
        slurm.options("slrum", Path.cwd())


def test_a_missing_program_is_named_at_once(programs, monkeypatch):
    (programs / "sbatch").unlink()
    monkeypatch.setenv("PATH", str(programs))
    with pytest.raises(ReproseError, match="not found in PATH: sbatch"):
        slurm.options("slurm", Path.cwd())


def test_a_missing_plugin_is_named_at_once(monkeypatch):
    monkeypatch.setattr(slurm, "PLUGIN", "snakemake_executor_plugin_nowhere")
    with pytest.raises(ReproseError, match="pip install -r requirements-slurm.txt"):
        slurm.options("slurm", Path.cwd())


def test_a_controller_that_does_not_answer_is_named_at_once():
    with pytest.raises(ReproseError, match="'scontrol': Unable to contact slurm controller. Run again when it works"):
        slurm.options("slurm", Path.cwd())


@pytest.mark.parametrize("age, good", [("300 sec", True), ("60 sec", False), ("0 sec", True)])
def test_a_cluster_that_forgets_its_jobs_too_soon_is_refused(programs, age, good):
    program(programs / "scontrol", f"echo 'MinJobAge               = {age}'")
    if good:
        assert slurm.options("slurm", Path.cwd()) == ["--profile", str(Path.cwd() / "profiles/slurm")]
    else:
        with pytest.raises(ReproseError, match=r"forgets a job 60 s after its end .*'slurm-status-command: sacct'"):
            slurm.options("slurm", Path.cwd())


def test_a_failed_job_is_explained_by_its_log():
    log = slurm.LOGS / "rule_train/sample_toy/12.log"
    log.parent.mkdir(parents=True)
    log.write_text("| error: toy: too wide\nslurmstepd: error: *** JOB 12 ON n1 CANCELLED DUE TO TIME LIMIT ***\n")
    line = "    message: SLURM-job '12' failed, SLURM status is: 'TIMEOUT'. Detailed failure reason unavailable\n"
    assert slurm.explained(line).splitlines() == [
        "| error: job 12 on the cluster has ended as TIMEOUT",
        "|   error: toy: too wide",
        "|   slurmstepd: error: *** JOB 12 ON n1 CANCELLED DUE TO TIME LIMIT ***",
    ]


def test_a_refused_job_is_explained():
    line = "SLURM sbatch failed. The error message was 'sbatch: error: invalid partition specified: fast\n"
    assert (
        slurm.explained(line)
        == "| error: the cluster takes no such job: sbatch: error: invalid partition specified: fast\n"
    )


def test_the_queue_is_told_while_a_build_waits_and_only_when_it_changes(programs):
    left(current="reprose-earlier")
    queue(programs, row(2, "PENDING", "Resources"))
    body = "import time\nfrom reprose.commands import slurm\nslurm.INTERVAL = .05\nwith slurm.told(): time.sleep(1)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", body], env=environment, capture_output=True, text=True, timeout=60)
    assert done.stdout == "on the cluster: 1 pending (Resources)\n"
