"""Plays events as real X input, at the times at which they were made."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from Xlib import X
from Xlib.display import Display
from Xlib.ext import xtest

from agent.engine.errors import SteadyhandError
from agent.engine.events import EventBatch, EventKind


class Pointer(Protocol):
    """Takes input. Every call is fast, and made from the thread that plays."""

    def move(self, x: int, y: int) -> None:
        """Move to a point of the screen, px."""

    def button(self, number: int, down: bool) -> None:
        """Press or release a button, by its X number; 4 to 7 are the wheel."""


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """What was played.

    Attributes
    ----------
    events : int
        How many of the events.
    began_ns, ended_ns : int
        Monotonic time of the first and the last one.
    late_ns : ndarray of int64, shape (events,)
        How late each was handed to the X server.
    """

    events: int
    began_ns: int
    ended_ns: int
    late_ns: NDArray[np.int64]


class XTestPointer:
    """Real input on an X display, through its XTEST extension.

    Raises
    ------
    SteadyhandError
        If the display has no XTEST.
    """

    def __init__(self, display: Display) -> None:
        if not display.has_extension("XTEST"):
            raise SteadyhandError(
                "demo: this display has no XTEST extension", "use Xvfb, or Xorg without -tst"
            )
        self._display = display

    def __enter__(self) -> XTestPointer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A connection that is closed with something unread takes its last requests with it.
        self._display.sync()
        self._display.close()

    def move(self, x: int, y: int) -> None:
        """Move to a point of the screen, px."""
        xtest.fake_input(self._display, X.MotionNotify, x=x, y=y)
        self._display.flush()

    def button(self, number: int, down: bool) -> None:
        """Press or release a button."""
        xtest.fake_input(self._display, X.ButtonPress if down else X.ButtonRelease, number)
        self._display.flush()


def deadlines(t_ns: NDArray[np.int64], speed: float, longest_pause_s: float | None) -> NDArray[np.int64]:
    """When each event is due, nanoseconds after the first one; longer pauses are cut, then all is sped up."""
    gaps = np.diff(t_ns, prepend=t_ns[:1])
    if longest_pause_s is not None:
        gaps = np.minimum(gaps, int(longest_pause_s * 1e9))
    return np.asarray(np.cumsum(gaps) / speed, np.int64)


def play(
    events: EventBatch,
    pointer: Pointer,
    *,
    speed: float = 1.0,
    longest_pause_s: float | None = None,
    stop: Callable[[], bool] = lambda: False,
    clock: Callable[[], int] = time.monotonic_ns,
    sleep: Callable[[float], None] = time.sleep,
) -> Played:
    """Play events in real time. Blocks until they are played or `stop` says so; no button stays down.

    Deadlines are absolute: an event that came late does not delay those after it. On a busy computer call
    `agent.demo.processes.punctual` before, from the same thread: it makes 99 % of the intervals exact.

    Parameters
    ----------
    events : EventBatch
        Positions must lie on the screen, whole px.
    pointer : Pointer
    speed : float
        2 plays twice as fast (and so as another hand).
    longest_pause_s : float, optional
        Cut longer pauses to this; intervals below stay as they are.
    stop : callable
        Asked before each event.
    clock, sleep : callable
        Monotonic nanoseconds; a sleep in seconds.
    """
    due = deadlines(events.t_ns, speed, longest_pause_s)
    # X cuts its stamps to whole milliseconds, and input is some tenths of one late: so begin on a whole one.
    began = (clock() // 1_000_000 + 1) * 1_000_000
    late = np.zeros(len(events), np.int64)
    down: set[int] = set()
    rows = zip(*(getattr(events, name).tolist() for name in ("x", "y", "kind", "button")), strict=True)
    played, now = 0, began
    try:
        for x, y, kind, button in rows:
            wait = began + int(due[played]) - clock()
            if wait > 0:
                sleep(wait / 1e9)
            if stop():
                break
            _hand_over(pointer, down, int(x), int(y), kind, button)
            now = clock()
            late[played] = now - began - due[played]
            played += 1
    finally:
        for button in sorted(down):
            pointer.button(button, False)
    return Played(played, began, now, late[:played])


def _hand_over(pointer: Pointer, down: set[int], x: int, y: int, kind: int, button: int) -> None:
    """Make one event happen; a tick of the wheel is a press and a release, as on X."""
    if kind in (EventKind.MOVE, EventKind.DRAG):
        pointer.move(x, y)
        return
    if kind != EventKind.RELEASE:
        pointer.button(button, True)
        down.add(button)
    if kind != EventKind.PRESS:
        pointer.button(button, False)
        down.discard(button)
