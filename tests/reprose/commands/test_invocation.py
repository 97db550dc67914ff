import json
import os
import subprocess
import sys

import pytest

from reprose.base.faults import CALLS
from reprose.commands import invocation as running
from reprose.commands.invocation import Invocation, Snakemake, name_of
from reprose.commands.screen.lines import Lines
from reprose.commands.screen.progress import Progress

WILDCARDS = {"tier": "sample", "problem": "toy", "variant": "plain"}
CHOOSE = {"rule": "choose", "wildcards": WILDCARDS, "logs": ["logs/choose.log"], "id": 3, "time": 10.0}
FAILED = {**CHOOSE, "wildcards": {}}  # then Snakemake does not tell them


@pytest.fixture
def screen():
    return Lines(Progress(["toy/plain/choose", "toy/plain/evaluate"]))


@pytest.fixture
def invocation(screen):
    return Invocation(screen, lambda line: None)


def tell(invocation, **event):
    invocation.note(json.dumps(event).encode())


def test_a_job_is_shown_by_the_name_that_messages_and_handouts_give_it(invocation, capsys):
    tell(invocation, event="started", **CHOOSE)
    assert list(invocation.screen.progress.running) == ["toy/plain/choose"]
    tell(invocation, event="finished", id=3, time=12.5)
    assert capsys.readouterr().out == "[1/2]     2.5 s  toy/plain/choose\n"


def test_a_rule_that_a_project_adds_has_a_name_too():
    assert name_of({"rule": "slides", "wildcards": {"handout": "toy"}}) == "toy/slides"
    assert name_of({"rule": "plot", "wildcards": {}}) == "plot"


def test_what_a_step_says_is_shown_and_what_it_prints_is_not(invocation, capsys):
    invocation.hear(b"epoch 3\n")
    invocation.hear(b"| waiting for a GPU\n")
    invocation.hear(b"| caf\xff\n")
    assert capsys.readouterr().out == "waiting for a GPU\ncaf\ufffd\n"


def test_a_job_that_is_tried_again_and_ends_well_did_not_fail(invocation):
    tell(invocation, event="started", **CHOOSE)
    tell(invocation, event="failed", text="", **FAILED)
    assert invocation.screen.progress.failed == {"toy/plain/choose"}
    tell(invocation, event="started", **CHOOSE)
    tell(invocation, event="finished", id=3, time=12.5)
    assert not invocation.screen.progress.failed


def test_of_a_job_that_ends_without_a_word_the_person_hears_at_once(invocation, capsys):
    tell(invocation, event="started", **CHOOSE)
    tell(invocation, event="failed", text="", **FAILED)
    failed, told = capsys.readouterr().out.splitlines()
    assert failed == "[0/2]    failed  toy/plain/choose"
    assert told.startswith("error: toy/plain/choose: the job ended without a message")
    assert invocation.said.is_told


def test_a_full_disk_or_an_interruption_is_the_reason_why_jobs_end_without_a_word(invocation, capsys):
    tell(invocation, event="started", **CHOOSE)
    invocation.screen.is_interrupted = True
    tell(invocation, event="failed", text="", **FAILED)
    invocation.screen.is_interrupted = False
    invocation.hear(b"tee: standard output: No space left on device\n")
    tell(invocation, event="failed", text="", **FAILED)
    assert "without a message" not in capsys.readouterr().out


def test_a_job_that_fails_on_a_cluster_is_explained_once(invocation, capsys):
    text = "SLURM-job '12' failed, SLURM status is: 'TIMEOUT'. Detailed failure reason unavailable"
    tell(invocation, event="started", **CHOOSE)
    tell(invocation, event="failed", text=text, **FAILED)
    _, told = capsys.readouterr().out.splitlines()
    assert told == "error: job 12 on the cluster has ended as TIMEOUT"
    assert invocation.said.is_told


def test_a_full_disk_does_not_end_the_reading(screen, capsys):
    def full(line):
        raise OSError(28, "No space left on device")

    Invocation(screen, full).hear(b"| still here\n")
    assert capsys.readouterr().out == "still here\n"


PROGRAM = """
import os, sys, time, json
descriptor = int(sys.argv[sys.argv.index("--logger-reprose-descriptor") + 1])
def tell(**event):
    os.write(descriptor, (json.dumps({"time": time.time(), **event}) + "\\n").encode())
tell(event="started", id=1, rule="choose", wildcards={"tier": "sample", "problem": "toy", "variant": "plain"}, logs=[])
print("| said", flush=True)
"""


@pytest.fixture
def pretend(tmp_path, monkeypatch):
    """Return a function that makes a program stand for Snakemake, and runs it as the front door does."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".reprose").mkdir()

    def run(text, screen):
        (tmp_path / "snakemake.py").write_text(PROGRAM + text)
        monkeypatch.setattr(running, "PLUGINS", tmp_path)
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")])))
        descriptor = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)
        return Snakemake("sample", descriptor, []).run(["target"], screen)

    return run


def test_both_streams_of_snakemake_are_read_to_their_ends(pretend, screen, tmp_path):
    status = pretend('for n in range(30000): print(n)\ntell(event="finished", id=1)\nprint("end", end="")', screen)
    assert status == 0
    assert screen.progress.done == {"toy/plain/choose"}
    lines = (tmp_path / "logs/sample/snakemake.log").read_text().splitlines()
    assert (lines[0], lines[-2:], len(lines)) == ("| said", ["29999", "end"], 30002)


def test_a_snakemake_that_fails_is_diagnosed(pretend, screen, capsys):
    assert pretend('tell(event="error", text="config.yaml: bad"); sys.exit(1)', screen) == 1
    assert capsys.readouterr().out == "said\nerror: config.yaml: bad\n"


def test_an_interruption_waits_for_snakemake_to_cancel_its_jobs(pretend, screen, capsys, monkeypatch):
    monkeypatch.setattr(running, "_is_in_the_foreground", lambda: True)

    class Interrupting(Lines):
        def started(self, name, now):
            raise KeyboardInterrupt

    text = 'time.sleep(0.3)\nopen("cancelled", "w")\nprint("| cancelled")'
    with pytest.raises(KeyboardInterrupt):
        pretend(text, Interrupting(screen.progress))
    assert os.path.exists("cancelled")
    assert "interrupted; ending the jobs" in capsys.readouterr().out


def test_a_front_door_that_is_told_to_end_tells_snakemake(pretend, screen, tmp_path):
    class Ending(Lines):
        def finished(self, name, now):
            sys.exit("terminated")

    text = (
        'try:\n    tell(event="finished", id=1)\n    time.sleep(600)\nexcept KeyboardInterrupt: open("cancelled", "w")'
    )
    with pytest.raises(SystemExit):
        pretend(text, Ending(screen.progress))
    assert os.path.exists("cancelled")


def test_snakemake_takes_the_options_of_the_plugin_and_steps_do_not_see_its_folder(tmp_path):
    (tmp_path / "Snakefile").write_text('rule all:\n    shell: "(env | grep -c ^PYTHONPATH=) || true"\n')
    read, write = os.pipe()
    words = ["-m", "snakemake", "--cores", "1", "--logger", "reprose", "--logger-reprose-descriptor", str(write)]
    environment = {**os.environ, "PYTHONPATH": str(running.PLUGINS)}
    done = subprocess.run(
        [sys.executable, *words], cwd=tmp_path, env=environment, pass_fds=[write], capture_output=True, text=True
    )
    os.close(write)
    with open(read) as stream:
        events = [json.loads(line) for line in stream]
    assert done.returncode == 0, done.stderr
    assert done.stdout == "0\n"
    assert [event["event"] for event in events if event["event"] != "said"] == ["started", "finished"]


def test_snakemakes_cache_has_a_place_where_no_home_folder_can_be_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home/someone"))
    snakemake = Snakemake("sample", 3, [])
    assert "XDG_CACHE_HOME" not in snakemake.environment()
    monkeypatch.setenv("HOME", "/dev/null")
    assert snakemake.environment()["XDG_CACHE_HOME"] == str(tmp_path / ".reprose/cache")
    monkeypatch.setenv("HOME", "/")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert snakemake.environment()["XDG_CACHE_HOME"] == str(tmp_path / ".reprose/cache")
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # of nobody whom this machine knows
    assert snakemake.environment()["XDG_CACHE_HOME"] == str(tmp_path / ".reprose/cache")


def test_a_fault_that_several_jobs_meet_is_told_in_full_once(invocation, capsys):
    for seed in (1, 2):
        fault = "scripts/problems/toy/train.py:34: ZeroDivisionError: division by zero"
        told = (f"error: toy/plain/first/train: trial a, seed {seed}: {fault}", "  1 / 0", f"{CALLS} a.log.")
        for line in (*(f"| {line}" for line in told), "| warning: another thing", "printed"):
            invocation.hear(f"{line}\n".encode())
    assert capsys.readouterr().out.splitlines() == [
        f"error: toy/plain/first/train: trial a, seed 1: {fault}",
        "  1 / 0",
        f"{CALLS} a.log.",
        "warning: another thing",
        "error: toy/plain/first/train: trial a, seed 2: the same as above",
        "warning: another thing",
    ]


def test_prints_of_jobs_are_told_once_with_their_log(invocation, capsys, tmp_path):
    log = tmp_path / "choose.log"
    for text, told in (
        ("    0.1 s  toy/plain/choose\n", 0),
        ("Matplotlib is building the font cache; this may take a moment.\n    0.1 s  toy/plain/choose\n", 0),
        ("hello\n    0.1 s  toy/plain/choose\n", 1),
        ("more\n", 0),
    ):
        log.write_text(text)
        tell(invocation, event="started", **{**CHOOSE, "logs": [str(log)]})
        tell(invocation, event="finished", id=3, time=12.5)
        assert capsys.readouterr().out.count(f"what toy/plain/choose prints stands in {log}") == told
