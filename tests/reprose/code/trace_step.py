"""Run a script and write the definitions that it executed: python trace_step.py OUT.json SCRIPT [ARGUMENT ...]."""

import json
import runpy
import sys
from pathlib import Path

from tracing import Tracer


def main(out: Path, script: Path, arguments: list[str]) -> None:
    """Run `script` as Python would, with its folder first on the path, and leave a sorted JSON list in `out`."""
    tracer = Tracer(script.parent)
    sys.argv = [str(script), *arguments]
    sys.path[0] = str(script.parent)
    tracer.start()
    try:
        runpy.run_path(str(script), run_name="__main__")
    finally:
        tracer.stop()
        out.write_text(json.dumps(sorted(tracer.definitions()), indent=1))


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute(), Path(sys.argv[2]).resolve(), sys.argv[3:])
