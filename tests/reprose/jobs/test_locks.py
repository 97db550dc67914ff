import errno
import fcntl
import os
import subprocess
import sys

import pytest

from reprose.base.errors import ReproseError
from reprose.jobs import locks

HOLD_STEPS = "from reprose.jobs import locks; locks.hold_steps(); print('held', flush=True); input()"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_a_second_build_is_refused_and_told_who_builds():
    descriptor = locks.hold_build()
    with pytest.raises(ReproseError, match=rf"another build .process {os.getpid()}. is running"):
        locks.hold_build()
    os.close(descriptor)


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
@pytest.mark.parametrize("take", [locks.hold_build, locks.hold_steps, locks.heal])
def test_a_file_system_without_locks_is_told(monkeypatch, code, take, tmp_path):
    def refuse(*_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(ReproseError, match=rf"{tmp_path}: this file system gives no locks \({os.strerror(code)}"):
        take()


def test_the_lock_is_free_when_its_holder_is_gone():
    os.close(locks.hold_build())
    os.close(locks.hold_build())


def test_healing_removes_snakemakes_locks_when_nobody_lives(tmp_path):
    (tmp_path / ".snakemake/locks").mkdir(parents=True)
    locks.heal()
    assert not (tmp_path / ".snakemake/locks").exists()


def test_healing_waits_for_a_step_that_still_runs(tmp_path, capfd):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    step = subprocess.Popen(
        [sys.executable, "-c", HOLD_STEPS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    )
    with step:
        step.stdout.readline()
        ender = subprocess.Popen([sys.executable, "-c", f"import time, os; time.sleep(.5); os.kill({step.pid}, 9)"])
        locks.heal()
        assert "waiting for a step" in capfd.readouterr().err
        ender.wait()
