"""How much of the computer this process uses."""

from __future__ import annotations

import os
import sys
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
    return Usage(time.process_time_ns(), _rss_mb(statm) if sys.platform == "linux" else None)


def _rss_mb(statm: Path) -> float | None:
    try:
        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, ValueError, IndexError):
        return None
