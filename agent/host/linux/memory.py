"""Memory protection on Linux: no core dumps, and no reading of this process by other programs of its user."""

from __future__ import annotations

import ctypes
import os
import resource
from typing import Final

_PR_SET_DUMPABLE: Final = 4


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
