"""Measure the weights of all seeds on the test part: `evaluate.py PROBLEM TEST.npz GATHERED.npz METRICS.json`."""

import importlib
import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, ".")
problem, data, weights, metrics = sys.argv[1:]
model = importlib.import_module(f"problems.{problem}.model")
part = np.load(data)
Path(metrics).write_text(json.dumps([model.test_error(each, part) for each in np.load(weights)["weights"]]))
