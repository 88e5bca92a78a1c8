"""Memory of this process on Linux: no core dumps, no reading by other programs of its user, no hoarding."""

from __future__ import annotations

import ctypes
import os
import resource
from typing import Final

_PR_SET_DUMPABLE: Final = 4
# glibc's mallopt(3). By default each thread gets an arena of its own, which keeps what was freed in it, and what is
# mapped by itself grows with the largest block that was ever freed: in the agent 6 MB that nobody uses.
_ARENA_MAX: Final = (-8, 1)
_MMAP_THRESHOLD: Final = (-3, 128 << 10)
_TRIM_THRESHOLD: Final = (-1, 64 << 10)


def keep_memory_private() -> None:
    """Forbid core dumps of this process, and its inspection by programs without privileges.

    What it starts may be inspected again, but inherits that no core is written.

    Raises
    ------
    OSError
        If the system refuses.
    """
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    # The hard limit stays: what the desktop opens from here may raise its own again.
    resource.setrlimit(resource.RLIMIT_CORE, (0, most))
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def keep_memory_small() -> None:
    """One heap for all threads, and freed memory goes back to the system; does nothing without glibc."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for option, limit in (_ARENA_MAX, _MMAP_THRESHOLD, _TRIM_THRESHOLD):
            mallopt(option, limit)
