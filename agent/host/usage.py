"""How much of the computer this process uses."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_STATM: Final = Path("/proc/self/statm")


@dataclass(frozen=True, slots=True)
class Usage:
    """One look.

    Attributes
    ----------
    cpu_ns : int
        CPU time of all threads since the start.
    rss_mb : float or None
        Memory in RAM, MB; None where the system does not tell it cheaply (anything but Linux).
    """

    cpu_ns: int
    rss_mb: float | None


def own_usage(statm: Path = _STATM) -> Usage:
    """What this process uses now. Any thread; never blocks."""
    try:
        pages = int(statm.read_text().split()[1])
        rss_mb: float | None = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, ValueError, IndexError):
        rss_mb = None
    return Usage(time.process_time_ns(), rss_mb)
