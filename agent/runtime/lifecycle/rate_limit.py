"""Rate limit of alerts, and the sum of active mouse use. Pure: time comes in as an argument."""

from __future__ import annotations

from collections.abc import Hashable


class AlertRateLimit:
    """Lets one alert of a kind through in a while, and counts the ones it held back.

    Parameters
    ----------
    every_ns : int
        Least time between two alerts of one kind.
    """

    def __init__(self, every_ns: int) -> None:
        self._every_ns = every_ns
        self._last: dict[Hashable, int] = {}
        self._held: dict[Hashable, int] = {}

    def passes(self, kind: Hashable, now_ns: int) -> bool:
        """True if an alert of this kind is due."""
        last = self._last.get(kind)
        if last is not None and now_ns - last < self._every_ns:
            self._held[kind] = self._held.get(kind, 0) + 1
            return False
        self._last[kind] = now_ns
        return True

    def held_back(self, kind: Hashable) -> int:
        """How many of this kind were held back since this was last asked; starts again at 0."""
        return self._held.pop(kind, 0)


class ActiveTime:
    """Adds up mouse use: intervals between events of at most a minute.

    Somebody who reads for an hour has not used the mouse for an hour.
    """

    LONGEST_NS = 60_000_000_000

    def __init__(self) -> None:
        self.total_ns = 0
        self._last_ns: int | None = None

    def events(self, first_ns: int, last_ns: int) -> None:
        """Account for a batch that begins at `first_ns` and ends at `last_ns`."""
        if self._last_ns is not None and 0 <= first_ns - self._last_ns <= self.LONGEST_NS:
            self.total_ns += first_ns - self._last_ns
        self.total_ns += last_ns - first_ns
        self._last_ns = last_ns

    def restart(self) -> None:
        """Begin at zero; the interval under way does not count."""
        self.total_ns = 0
        self._last_ns = None
