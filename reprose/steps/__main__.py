"""Run one job: `python -m reprose.steps train .reprose/jobs/DIGEST.json`. The rules of the workflow call this.

With `serve NAME` in place of the job, it is the server from which steps are forked, and with `serve NAME light` one
that expects light steps. Before anything
of ours is imported for the work itself, the surroundings are made what the key says: a short list of environment
variables, a home folder and a folder for temporary files that are new and empty, a time zone, a fixed hash seed; and a
witness is installed.
"""

import atexit
import importlib
import json
import os
import shutil
import signal
import site
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from typing import Any, NoReturn

from reprose.base.files import scratch_prefix
from reprose.code.witness import Witness, flush_files
from reprose.steps import forkserver

KEPT = {  # environment variables that decide where and how fast a step runs, not what comes out
    *("PATH", "USER", "LOGNAME", "TERM", "SHELL", "VIRTUAL_ENV", "CONDA_PREFIX"),
    *("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "CUDA_HOME"),
    *("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "MKL_ENABLE_INSTRUCTIONS"),  # what this processor can do
    *("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "all_proxy"),
    *("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"),
}
PREFIXES = ("REPROSE_", "SLURM_")
FONTS = os.path.join(".reprose", "matplotlib")  # matplotlib's list of the fonts that are installed, which takes long
FIXED = {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
TEMPORARY = ("TMPDIR", "TEMP", "TMP")
AT_START = ("PYTHONHASHSEED", "LC_ALL")  # what Python reads only when it starts


def main() -> None:
    """Run the step that the arguments name."""
    address = os.environ.pop(forkserver.VARIABLE, "")  # for this step alone
    if sys.argv[1] == "serve":
        kinds = [(1, False)] if sys.argv[3:] == [forkserver.LIGHT] else []
        told = forkserver.surroundings(environment({}))
        sys.argv[1:] = forkserver.serve(sys.argv[2], told, *kinds)  # comes back in a child
    rule, path = sys.argv[1:3]
    with open(path, encoding="utf-8") as file:
        description = json.load(file)
    clean = environment(description["key"].get("environment", {}))
    if any(os.environ.get(name) != clean[name] for name in AT_START) or python_variables():
        arguments = [sys.executable, "-m", "reprose.steps", *sys.argv[1:]]
        temporary = {name: os.environ[name] for name in TEMPORARY if name in os.environ}
        again = {"PYTHONUSERBASE": site.getuserbase(), forkserver.VARIABLE: address}
        os.execve(sys.executable, arguments, {**clean, **temporary, **again})
    if address and (wanted := forkserver.wanted(description["key"])):
        status = forkserver.request(address, forkserver.surroundings(environment({})), sys.argv[1:], wanted)
        if status is not None:
            end(status)
    on_gpu = description["key"].get("compute", {}).get("device") == "cuda"
    if on_gpu:
        take_gpu(clean)
    scratch = tempfile.mkdtemp(prefix=scratch_prefix())
    try:
        os.environ.clear()
        os.environ.update({"HOME": scratch, **clean, "TMPDIR": scratch})
        tempfile.tempdir = None  # look again
        time.tzset()
        work(rule, description, on_gpu)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def work(rule: str, description: dict[str, Any], on_gpu: bool) -> None:
    """Run the step under the eyes of a witness."""
    told = (description[part] for part in ("name", "sources", "definitions"))
    witness = Witness(*told, os.path.join(".reprose", "sources"))
    witness.expected = description.get("expected", {})
    witness.install()
    if on_gpu:
        importlib.import_module("reprose.training.determinism").settle()
    try:
        step = importlib.import_module(f"reprose.steps.{rule}")
    except Exception as error:  # told like any other fault of a step
        print(f"| error: {rule}: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
        raise
    step.main(description["key"], witness)


def end(status: int) -> NoReturn:
    """End as the child of the server has ended that did the work, by the same signal if one ended it."""
    if status < 0:
        signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    sys.exit(status)


def leave(status: object) -> NoReturn:
    """End this process, without taking apart all that was imported: in a fork, that copies the memory of its server."""
    if status is not None and not isinstance(status, int):
        print(status, file=sys.stderr)
        status = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    flush_files()
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except (OSError, ValueError):  # a full disk, or closed by the step; Python tells of it in the same way
        status = status or 120
    os._exit((status or 0) & 0xFF)


def take_gpu(clean: dict[str, str]) -> None:
    """Take a GPU; also while waiting for one, the lock `steps` keeps other builds from starting this job again."""
    importlib.import_module("reprose.jobs.locks").hold_steps()
    gpus = importlib.import_module("reprose.training.gpus")
    gpus.take_one()
    clean[gpus.VISIBLE] = os.environ[gpus.VISIBLE]


def environment(wanted: dict[str, str | None], given: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment of a step: what is kept of what is given, what is fixed, and what the key names."""
    kept = {name: value for name, value in given.items() if name in KEPT or name.startswith(PREFIXES)}
    named = {name: value for name, value in wanted.items() if value is not None}
    return {**kept, **FIXED, "MPLCONFIGDIR": os.path.abspath(FONTS), **named}


def python_variables() -> list[str]:
    """Return the variables that change how Python starts, beside those that every step sets."""
    known = {*FIXED, "PYTHONUSERBASE"}
    return [name for name, value in os.environ.items() if name.startswith("PYTHON") and value and name not in known]


if __name__ == "__main__":
    try:
        main()
    except SystemExit as request:
        leave(request.code)
    leave(None)
