"""Held events: what RECORD tells after it began anew waits until what was moved before is in the ring."""

from __future__ import annotations

import threading

from agent.host.ring import Ring


class HeldEvents:
    """Stands in for a ring's `append` until `release`; the order of events stays.

    Parameters
    ----------
    ring : Ring
    """

    def __init__(self, ring: Ring) -> None:
        self._ring = ring
        self._events: list[tuple[int, float, float, int, int, int, bool]] = []
        self._released = False
        self._lock = threading.Lock()

    def append(
        self, t_ns: int, x: float, y: float, kind: int, button: int, source: int = -1, synthetic: bool = False
    ) -> None:
        """See `Ring.append`. Pointer thread; waits only while `release` moves what was held."""
        with self._lock:
            if not self._released:
                self._events.append((t_ns, x, y, kind, button, source, synthetic))
                return
        self._ring.append(t_ns, x, y, kind, button, source, synthetic)

    def release(self) -> None:
        """Append what was held; from here on everything goes to the ring at once. Any thread, once or more often."""
        with self._lock:
            for event in self._events:
                self._ring.append(*event)
            self._events.clear()
            self._released = True
