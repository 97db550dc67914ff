"""Tests compute with one thread, as steps do by default: small tensors only lose time to more."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when torch and BLAS are loaded
