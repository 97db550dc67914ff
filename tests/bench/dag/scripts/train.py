"""Train one line: `train.py PROBLEM RATE DECAY SEED TRAIN.npz WEIGHTS.npz`."""

import importlib
import sys

import numpy as np

sys.path.insert(0, ".")
problem, rate, decay, seed, data, weights = sys.argv[1:]
model = importlib.import_module(f"problems.{problem}.model")
np.savez(weights, weights=model.fitted(np.load(data), float(rate), float(decay), int(seed)))
