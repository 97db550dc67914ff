"""Run a program and write what it executed and opened: python trace_step.py OUT.json FOLDER PROGRAM [ARGUMENT ...].

FOLDER is where the code lies whose definitions are traced. A program whose name does not end in ".py" is a module.
"""

import atexit
import json
import os
import runpy
import sys
from pathlib import Path

from tracing import Listener, Tracer


def main(out: Path, folder: Path, program: str, arguments: list[str]) -> None:
    """Run `program` as Python would, and leave sorted JSON lists in `out`."""
    kept = os.environ.get("REPROSE_TEST_MARKED")
    tracer, listener = Tracer(folder, Path(kept) if kept else None), Listener()
    is_script = program.endswith(".py")
    sys.argv = [program, *arguments]
    sys.path[0] = str(Path(program).resolve().parent) if is_script else os.getcwd()
    sys.addaudithook(listener)
    tracer.start()

    def finish() -> None:
        tracer.stop()
        listener.listens = False
        found = {"definitions": tracer.definitions(), "opened": listener.opened, "listed": listener.listed}
        out.write_text(json.dumps({name: sorted(values) for name, values in found.items()}, indent=1))

    atexit.register(finish)  # also where the program ends itself, as a step does
    if is_script:
        runpy.run_path(program, run_name="__main__")
    else:
        runpy.run_module(program, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute(), Path(sys.argv[2]).resolve(), sys.argv[3], sys.argv[4:])
