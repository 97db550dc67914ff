"""Draw the errors of all variants: `plot.py FIGURE.pdf METRICS.json...`."""

import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt

figure, axes = plt.subplots(figsize=(3, 2))
for path in sys.argv[2:]:
    axes.plot(json.loads(Path(path).read_text()))
figure.savefig(sys.argv[1], metadata={"CreationDate": None})
