"""Gather the weights of all seeds: `choose.py GATHERED.npz WEIGHTS.npz...`."""

import sys

import numpy as np

np.savez(sys.argv[1], weights=np.stack([np.load(path)["weights"] for path in sys.argv[2:]]))
