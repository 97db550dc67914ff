"""The server from which the steps of a build are forked."""

import os
import subprocess
import uuid

from reprose.commands.invocation import step_environment
from reprose.jobs import locks
from reprose.steps import __main__ as steps
from reprose.steps import forkserver


def serve_steps(*words: str) -> None:
    """Start the server, unless there is one or a person wants none; it ends with this process.

    With the word LIGHT, it imports at once what light steps need.
    """
    if forkserver.VARIABLE in os.environ or not forkserver.is_possible():
        return
    name = uuid.uuid4().hex
    environment = {**steps.environment({}, step_environment()), "HOME": "/nonexistent"}
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    command = ["python", "-m", "reprose.steps", "serve", name, *words]  # as steps are started
    subprocess.Popen(command, env=environment, preexec_fn=locks.end_with_parent, **streams)
    os.environ[forkserver.VARIABLE] = name
