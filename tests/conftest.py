"""Tests compute with one thread, as steps do by default: small tensors only lose time to more."""

import os
import signal

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when torch and BLAS are loaded
# A shell that runs the tests in the background lets them ignore Ctrl-C, and so would the builds that they break off.
signal.signal(signal.SIGINT, signal.default_int_handler)
