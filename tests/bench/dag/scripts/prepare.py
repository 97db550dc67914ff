"""Split the raw data into three parts, in order: `prepare.py LINE.csv TRAIN.npz TEST.npz`."""

import sys

import numpy as np

table = np.loadtxt(sys.argv[1], delimiter=",")
size = len(table) // 3
for path, part in ((sys.argv[2], table[:size]), (sys.argv[3], table[2 * size :])):
    np.savez(path, x=part[:, 0], y=part[:, 1])
