"""Judged count: how many of the mouse service's reports the worker has taken, as the service is told. Pure."""

from __future__ import annotations

from typing import Final

from agent.host.ring import Ring

_EVERY_NS: Final = 10_000_000_000


class JudgedCount:
    """Counts reports by what the worker has drained from the ring since they were appended. Pointer thread only.

    Parameters
    ----------
    ring : Ring
    """

    def __init__(self, ring: Ring) -> None:
        self._ring = ring
        self._reports = 0
        self._waiting: tuple[int, int] | None = None
        self._due_ns = 0
        self.judged = 0

    def add(self, reports: int, now_ns: int) -> bool:
        """Account for reports that were appended; True where the service should be told, every ten seconds at most."""
        self._reports += reports
        if now_ns < self._due_ns:
            return False
        if self._waiting is None:
            self._waiting = (self._ring.appended, self._reports)
        appended, count = self._waiting
        if self._ring.drained < appended:
            return False
        self.judged, self._waiting = count, None
        self._due_ns = now_ns + _EVERY_NS
        return True
