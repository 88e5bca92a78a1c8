"""What holds for the whole suite."""

from __future__ import annotations

import os

# As where the agent trains: two threads on matrices this small wait for each other, five times the CPU time and more.
# Before the first test imports NumPy, which reads it then; programs that tests start inherit it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
