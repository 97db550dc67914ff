"""Stands before every step of a traced build: runs it under the tracer and notes which rule and job it was."""

import hashlib
import os
import sys
from pathlib import Path

TRACER = os.environ["REPROSE_TEST_TRACER"]

name = hashlib.sha256("\0".join(sys.argv).encode()).hexdigest()[:16]
out = Path("traces") / f"{name}.json"
out.parent.mkdir(exist_ok=True)
record = sys.argv[sys.argv.index("--provenance") + 1]
out.with_suffix(".record").write_text(record)
os.execv(sys.executable, [sys.executable, TRACER, str(out), *sys.argv[1:]])
