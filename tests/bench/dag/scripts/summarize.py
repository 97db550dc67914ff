"""Find the mean error of each variant: `summarize.py NUMBERS.json METRICS.json...`."""

import json
import statistics
import sys
from pathlib import Path

means = [statistics.fmean(json.loads(Path(path).read_text())) for path in sys.argv[2:]]
Path(sys.argv[1]).write_text(json.dumps({f"variant{number}": mean for number, mean in enumerate(means)}))
