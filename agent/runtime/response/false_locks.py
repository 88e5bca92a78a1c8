"""False locks of the day: how many the owner has confirmed with a proof, and whether locks are suspended for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from agent.config.schema import ResponseSettings


class FalseLockCounter:
    """Counts confirmed false locks by calendar day, since the agent started. Worker thread only.

    Parameters
    ----------
    settings : ResponseSettings
    wall_ns : callable
        Wall clock in ns since 1970: a day is what people call so.
    """

    def __init__(self, settings: ResponseSettings, wall_ns: Callable[[], int]) -> None:
        self._settings = settings
        self._wall_ns = wall_ns
        self._day: date | None = None
        self._count = 0

    def apply_settings(self, settings: ResponseSettings) -> None:
        """Use another limit from now on; the count stays."""
        self._settings = settings

    def add(self) -> bool:
        """Count one; True if it is the one that suspends locks until the next day."""
        today = self._today()
        self._count = self._count + 1 if self._day == today else 1
        self._day = today
        return self._count == self._settings.false_locks_most_per_day

    @property
    def today(self) -> int:
        """How many there were today."""
        return self._count if self._count and self._day == self._today() else 0

    @property
    def locks_suspended(self) -> bool:
        """True for the rest of a day with as many false locks as policy allows."""
        limit = self._settings.false_locks_most_per_day
        return self._count >= limit and self._day == self._today()

    def _today(self) -> date:
        return datetime.fromtimestamp(self._wall_ns() / 1e9).astimezone().date()
