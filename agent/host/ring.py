"""The bounded ring between the operating system's pointer thread and the worker."""

from __future__ import annotations

import threading
from collections import deque
from typing import Final

import numpy as np

from agent.engine.events import Boundary, Cause, EventBatch, EventKind, StreamItem

_WAKES: Final = frozenset((EventKind.PRESS, EventKind.RELEASE, EventKind.SCROLL))

_Event = tuple[int, float, float, int, int, int, bool]


class Ring:
    """Keeps the newest events and boundaries in order until the worker drains them.

    Appending never blocks and never allocates more than one tuple; when the ring is full the new event is
    dropped and the worker finds an OVERFLOW boundary in its place. The worker is woken by clicks and
    scrolls, which end actions, by boundaries, and by a first move when it rests; further moves wait until
    it looks, so that a moving mouse costs few wake-ups and a resting one costs none.

    Parameters
    ----------
    capacity : int
        Events kept at most; 65,536 are a minute at 1,000 Hz.

    Attributes
    ----------
    appended, drained : int
        Events that went in, and that the worker took out, so far.
    """

    def __init__(self, capacity: int = 65_536) -> None:
        self._capacity = capacity
        self._items: deque[_Event | Boundary] = deque()
        self._wake = threading.Event()
        self._overflowing = False
        self._resting = False
        self._last_ns: int | None = None
        self.appended = 0
        self.drained = 0

    def __len__(self) -> int:
        return len(self._items)

    def append(
        self, t_ns: int, x: float, y: float, kind: int, button: int, source: int = -1, synthetic: bool = False
    ) -> None:
        """Add one event. Pointer thread only."""
        items = self._items
        if len(items) >= self._capacity:
            if not self._overflowing:
                self._overflowing = True
                items.append(Boundary(t_ns, Cause.OVERFLOW, f"{self._capacity} events waited"))
            return
        self._overflowing = False
        items.append((t_ns, x, y, kind, button, source, synthetic))
        self.appended += 1
        if self._resting or kind in _WAKES:
            self._resting = False
            self._wake.set()

    def put(self, boundary: Boundary) -> None:
        """Add a boundary. Any thread."""
        self._items.append(boundary)
        self._wake.set()

    def wake(self) -> None:
        """Make `wait` return. Any thread."""
        self._wake.set()

    def wait(self, timeout_s: float | None, *, resting: bool) -> bool:
        """Sleep until something wants to be looked at; False after `timeout_s`. Worker only.

        Parameters
        ----------
        timeout_s : float or None
            None sleeps for as long as nothing happens.
        resting : bool
            True to be woken by plain moves as well.
        """
        self._resting = resting
        # An event may have come between the last drain and this line, when nobody was resting.
        woken = (resting and bool(self._items)) or self._wake.wait(timeout_s)
        self._resting = False
        self._wake.clear()
        return woken

    def drain(self) -> list[StreamItem]:
        """Take everything out, in order: runs of events as batches, boundaries as they are. Worker only.

        A step back in the time stamps, also since the last drain, becomes a CLOCK_STEP boundary between two
        batches, so that every batch is sorted.
        """
        taken: list[StreamItem] = []
        run: list[_Event] = []
        for _ in range(len(self._items)):
            entry = self._items.popleft()
            if isinstance(entry, Boundary):
                _close(run, taken)
                taken.append(entry)
                self._last_ns = None
                continue
            if self._last_ns is not None and entry[0] < self._last_ns:
                step_ms = (self._last_ns - entry[0]) / 1e6
                _close(run, taken)
                taken.append(Boundary(entry[0], Cause.CLOCK_STEP, f"{step_ms:.0f} ms back"))
            self._last_ns = entry[0]
            self.drained += 1
            run.append(entry)
        _close(run, taken)
        return taken


def _close(run: list[_Event], taken: list[StreamItem]) -> None:
    """Turn the events of `run` into a batch at the end of `taken`, and empty it."""
    if not run:
        return
    t, x, y, kind, button, source, synthetic = zip(*run, strict=True)
    taken.append(
        EventBatch(
            np.array(t, np.int64),
            np.array(x, np.float64),
            np.array(y, np.float64),
            np.array(kind, np.uint8),
            np.array(button, np.uint8),
            np.array(source, np.int16),
            np.array(synthetic, np.bool_),
        )
    )
    run.clear()
