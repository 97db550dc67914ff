"""Make the raw data: `fetch.py LINE.csv`."""

import sys

import numpy as np

generator = np.random.default_rng(3)
x = generator.normal(size=60)
y = 2 * x + 1 + 0.1 * generator.normal(size=60)
np.savetxt(sys.argv[1], np.stack([x, y], axis=1), delimiter=",")
