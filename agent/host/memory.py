"""Memory of this process: kept from core files and other programs, and given back to the system when it is freed."""

from __future__ import annotations

import logging
import sys
from typing import Final

LOG: Final = logging.getLogger(__name__)


def keep_memory_private(platform: str = sys.platform) -> bool:
    """Forbid core dumps and inspection of this process; call it before keys are read.

    Parameters
    ----------
    platform : str
        As `sys.platform` names it.

    Returns
    -------
    bool
        False where the system refuses, which is logged, and everywhere but on Linux.
    """
    if not platform.startswith("linux"):
        return False
    from agent.host.linux import memory

    try:
        memory.keep_memory_private()
    except (OSError, ValueError) as error:
        LOG.warning("other programs of this user can read the agent's memory: %s", error)
        return False
    return True


def keep_memory_small(platform: str = sys.platform) -> None:
    """Have freed memory go back to the system; call it before the first thread starts. Linux with glibc only."""
    if platform.startswith("linux"):
        from agent.host.linux import memory

        memory.keep_memory_small()
