"""Resource budget: CPU, memory, clock steps and changed profiles from one heartbeat to the next. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from agent.config.fingerprints import Installation
from agent.host.usage import Usage

CLOCK_STEP_S: Final = 5.0
MOST_CPU_PERCENT: Final = 20.0
MOST_RSS_MB: Final = 200.0
BEATS_OVER: Final = 3
"""So many heartbeats in a row over budget make an alert: a peak is nobody's business."""
_S_NS: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class ClockReading:
    """Both clocks at one moment.

    Attributes
    ----------
    boot_ns : int
        Goes on while the computer sleeps and cannot be set.
    wall_ns : int
        Since 1970.
    """

    boot_ns: int
    wall_ns: int


def clock_step_s(before: ClockReading, now: ClockReading) -> float:
    """Seconds by which the wall clock was set between the two, forward if positive; 0 below `CLOCK_STEP_S`."""
    step_s = ((now.wall_ns - before.wall_ns) - (now.boot_ns - before.boot_ns)) / _S_NS
    return step_s if abs(step_s) > CLOCK_STEP_S else 0.0


def rate_per_s(events_before: int, events: int, before: ClockReading, now: ClockReading) -> float:
    """Events a second between two heartbeats."""
    seconds = (now.boot_ns - before.boot_ns) / _S_NS
    return round((events - events_before) / seconds, 2) if seconds > 0 else 0.0


class ResourceBudget:
    """Limit on CPU and memory, over several readings in a row, as in osquery's watchdog.

    Parameters
    ----------
    first : Usage
    at : ClockReading
    """

    def __init__(self, first: Usage, at: ClockReading) -> None:
        self._last = first
        self._at = at
        self._over = 0
        self.cpu_percent = 0.0

    def exceeded(self, usage: Usage, now: ClockReading) -> str:
        """What is over budget, once it has been for `BEATS_OVER` looks; empty otherwise. Then counts anew."""
        elapsed_ns = now.boot_ns - self._at.boot_ns
        self.cpu_percent = (
            round(100 * (usage.cpu_ns - self._last.cpu_ns) / elapsed_ns, 2) if elapsed_ns > 0 else 0.0
        )
        self._last, self._at = usage, now
        parts = []
        if self.cpu_percent > MOST_CPU_PERCENT:
            parts.append(f"{self.cpu_percent:.0f} % of a core, where {MOST_CPU_PERCENT:.0f} % are allowed")
        if usage.rss_mb is not None and usage.rss_mb > MOST_RSS_MB:
            parts.append(f"{usage.rss_mb:.0f} MB of memory, where {MOST_RSS_MB:.0f} are allowed")
        self._over = self._over + 1 if parts else 0
        if self._over < BEATS_OVER:
            return ""
        self._over = 0
        return " and ".join(parts)


def profile_changes(before: Installation, now: Installation) -> Iterator[str]:
    """Changes to the files of profiles, a line each."""
    old, new = before.profiles or {}, now.profiles or {}
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            yield f"the profile {name} was taken away"
        elif name not in old:
            yield f"the profile {name} was added"
        elif old[name] != new[name]:
            yield f"the profile {name} was replaced"
