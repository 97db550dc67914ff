"""A build that waits until it is wanted: `python -m reprose.commands.live.warm build ...`, then a line on its input.

What takes long to load is loaded by then. Nothing of the project is: its code, templates and settings are read anew.
"""

import importlib
import os
import sys
import time

from reprose.base.errors import ReproseError
from reprose.commands import cli
from reprose.commands.serving import serve_steps
from reprose.jobs import locks
from reprose.steps.forkserver import LIGHT

PAUSE = 0.5  # seconds between looks whether another build has ended


def main() -> None:
    """Load the engine, wait for the line, and for the end of another build, and build."""
    locks.end_with_parent()
    try:
        serve_steps(LIGHT)
        importlib.import_module("reprose.commands.build")
        if not sys.stdin.readline():  # nobody wants a build any more
            return
        wait_for_others()
    except KeyboardInterrupt:
        sys.exit(1)
    cli.main()


def wait_for_others() -> None:
    """Wait until no other build runs in this folder, and say so at once."""
    is_told = False
    while True:
        try:
            os.close(locks.hold_build())
            return
        except ReproseError as error:
            if not is_told:
                print(f"waiting: {error}", flush=True)
            is_told = True
            time.sleep(PAUSE)


if __name__ == "__main__":
    main()
