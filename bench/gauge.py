"""What the Linux kernel tells about a running process."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

_TICK_S: Final = 1.0 / os.sysconf("SC_CLK_TCK")
_SWITCHES: Final = re.compile(r"voluntary_ctxt_switches:\s+(\d+)")


class Gauge:
    """Reads /proc of one process.

    Parameters
    ----------
    pid : int
    """

    def __init__(self, pid: int) -> None:
        self._home = Path("/proc", str(pid))

    def rss_mb(self) -> float:
        """Memory that is resident now, files mapped into it included, in MB (10^6 bytes)."""
        match = re.search(r"VmRSS:\s+(\d+) kB", (self._home / "status").read_text())
        return int(match[1]) * 1024 / 1e6 if match else 0.0

    def cpu_s(self) -> float:
        """CPU time of all threads so far, user and system."""
        # The name in parentheses may hold spaces.
        fields = (self._home / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * _TICK_S

    def switches(self) -> dict[str, int]:
        """Context switches so far, voluntary and not, by thread."""
        switches_of = {}
        for task in (self._home / "task").iterdir():
            status = (task / "status").read_text()
            name = (task / "comm").read_text().strip()
            switches_of[f"{name}/{task.name}"] = sum(map(int, _SWITCHES.findall(status)))
        return switches_of

    def maps(self) -> str:
        """The files mapped into memory."""
        return (self._home / "maps").read_text()
