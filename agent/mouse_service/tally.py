"""Movement tally: compares what the mice of a session did with what its listener says it judged. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from agent.host.linux.listener_protocol import ListenerReport

MOST_UNJUDGED_S: Final = 60
"""Seconds with movement that may pass without a word of the listener that it judged any of it."""
MOST_LOCKED_S: Final = 120
"""Seconds with movement at a screen that the listener calls locked: longer than a person looks for a password."""
_NS: Final = 1_000_000_000


class Deviation(Enum):
    """What does not agree between the mice and the listener."""

    DRAINS = "takes the movement and judges none of it"
    FORGED = "says that it judged more than there was"
    LOCKED = "says that the screen is locked, and the mouse is used on and on"


@dataclass(slots=True)
class SecondsOfUse:
    """How many seconds had movement in them, since the last restart."""

    count: int = 0
    _last: int = -1

    def add(self, now_ns: int) -> None:
        """Account for movement at a time."""
        second = now_ns // _NS
        if second != self._last:
            self._last = second
            self.count += 1

    def restart(self) -> None:
        """Begin again at zero."""
        self.count = 0


class MovementTally:
    """Tally of one session's mice. Each deviation is named once until it has ended."""

    def __init__(self) -> None:
        self._handed = 0
        self._judged = 0
        self._locked = False
        self._unjudged = SecondsOfUse()
        self._while_locked = SecondsOfUse()
        self._named: set[Deviation] = set()

    @property
    def locked(self) -> bool:
        """True while the listener says that the screen is locked."""
        return self._locked

    def begin_listener(self) -> None:
        """A listener begins at zero; how long none was judged is forgotten with its first judgement only."""
        self._handed = self._judged = 0
        self._locked = False
        self._named.discard(Deviation.FORGED)

    def moved_for(self, reports: int, now_ns: int) -> Deviation | None:
        """Account for reports that were handed over, or kept back for a locked screen; what deviates now.

        Parameters
        ----------
        reports : int
            With movement.
        now_ns : int
            Monotonic.
        """
        if self._locked:
            self._while_locked.add(now_ns)
            return self._name(Deviation.LOCKED, self._while_locked.count > MOST_LOCKED_S)
        self._handed += reports
        self._unjudged.add(now_ns)
        return self._name(Deviation.DRAINS, self._unjudged.count > MOST_UNJUDGED_S)

    def hear(self, report: ListenerReport) -> Deviation | None:
        """Take what the listener says; what deviates now."""
        if self._locked and not report.locked:
            self._while_locked.restart()
            self._named.discard(Deviation.LOCKED)
        self._locked = report.locked
        forged = report.judged > self._handed or report.judged < self._judged
        if report.judged > self._judged and not forged:
            self._unjudged.restart()
            self._named.discard(Deviation.DRAINS)
        self._judged = max(self._judged, report.judged)
        return self._name(Deviation.FORGED, forged)

    def _name(self, deviation: Deviation, deviates: bool) -> Deviation | None:
        if not deviates or deviation in self._named:
            return None
        self._named.add(deviation)
        return deviation
