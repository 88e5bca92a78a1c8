"""What the processes of an agent under Wine cost."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from tests.packaging.wine import InstalledAgent


def cpu_s(agent: InstalledAgent) -> float:
    """CPU time of the agent's processes so far."""
    return sum(_stat(pid) for pid in agent.pids())


def _stat(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss_mb(agent: InstalledAgent) -> float:
    """Memory of the agent's processes, with what they share."""
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in agent.pids())
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)


def own_share_mb(agent: InstalledAgent) -> float:
    """Memory of the agent's processes, what they share with others counted by shares (PSS)."""
    kilobytes = 0
    for pid in agent.pids():
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        kilobytes += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return round(kilobytes * 1024 / 1e6, 1)


def threads(agent: InstalledAgent) -> int:
    """Threads of the agent's processes."""
    count = 0
    for pid in agent.pids():
        with contextlib.suppress(OSError):
            count += len(list(Path(f"/proc/{pid}/task").iterdir()))
    return count
