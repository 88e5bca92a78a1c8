"""Notices when capture has died or gone silent, and builds a new one. Knows no operating system."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from enum import Enum
from typing import Final

from agent.engine.events import Boundary, Cause
from agent.host.api import CannotSee, CaptureCut, Idle, PointerSource
from agent.host.obstruction import Obstruction, nothing_obstructs
from agent.host.ring import Ring

_FIRST_WAIT_S: Final = 1.0
_LONGEST_WAIT_S: Final = 30.0

_log = logging.getLogger(__name__)


class CaptureDecision(Enum):
    """What one check decides."""

    NOTHING = "nothing"
    PROBE = "probe"
    RESTART = "restart"


def decide(*, alive: bool, new_events: int, idle_ms: int | None, elapsed_ms: float) -> CaptureDecision:
    """What to do about a source, from what was seen since the last check.

    Input without events is a reason to look, not to restart: it may have been the keyboard.

    Parameters
    ----------
    alive : bool
        What the source says of itself.
    new_events : int
        Mouse events that came since the last check.
    idle_ms : int or None
        The operating system's word on when input of any kind last arrived.
    elapsed_ms : float
        Time since the last check.
    """
    if not alive:
        return CaptureDecision.RESTART
    if new_events == 0 and idle_ms is not None and idle_ms < elapsed_ms:
        return CaptureDecision.PROBE
    return CaptureDecision.NOTHING


class Supervisor:
    """Keeps one pointer source working; used by the worker alone.

    Parameters
    ----------
    make : callable
        Builds a fresh source; a source that died is never used again.
    ring : Ring
        Where events go and restarts are announced.
    idle : Idle
    clock : callable
        Monotonic nanoseconds.
    obstructed : callable
        What keeps a source that works from hearing the mouse now.
    """

    def __init__(
        self,
        make: Callable[[], PointerSource],
        ring: Ring,
        idle: Idle,
        clock: Callable[[], int] = time.monotonic_ns,
        obstructed: Callable[[], Obstruction] = nothing_obstructs,
    ) -> None:
        self._make = make
        self._ring = ring
        self._idle = idle
        self._clock = clock
        self._obstructed = obstructed
        self._source: PointerSource | None = None
        self._checked_ns = 0
        self._events = 0
        self._position: tuple[int, int] | None = None
        self._wait_s = _FIRST_WAIT_S
        self._next_try_ns = 0
        self.restarts = 0
        self.blind = ""
        self.is_cut = False

    def start(self) -> None:
        """Begin capture.

        Raises
        ------
        CannotSee
            If there is nothing to capture from.
        """
        self._checked_ns = self._clock()
        source = self._make()
        try:
            source.start(self._ring)
        except CannotSee as why:
            self.blind = why.message
            raise
        self._source = source
        self.blind = ""
        self.is_cut = False

    @property
    def is_alive(self) -> bool:
        """True while the source says that events can still arrive, or before there is one."""
        return self._source is None or self._source.is_alive()

    def stop(self) -> None:
        """End capture; returns within 1 s."""
        if self._source is not None:
            self._source.stop()
            self._source = None

    def sync(self) -> None:
        """Fetch what the display server still buffers. See `PointerSource.sync`."""
        if self._source is not None:
            self._source.sync()

    def retry_soon(self) -> None:
        """Let the next check try again at once: a mouse came or went."""
        self._next_try_ns = 0
        self._wait_s = _FIRST_WAIT_S

    def obstruction(self) -> Obstruction:
        """What keeps the source from hearing the mouse now; moves that are missed by that are no fault of its own."""
        obstruction = self._obstructed()
        if obstruction.reason:
            self._position = None
        return obstruction

    def check(self, events_seen: int) -> bool:
        """Look after the source; False while the mouse cannot be seen (`blind` or `obstruction` says why).

        Called about once a second while the mouse moves, or when there is another reason to doubt.
        Usually returns at once; a restart blocks up to 3 s.

        Parameters
        ----------
        events_seen : int
            All events that the worker has drained so far.
        """
        now_ns = self._clock()
        elapsed_ms = (now_ns - self._checked_ns) / 1e6
        new_events = events_seen - self._events
        self._checked_ns, self._events = now_ns, events_seen
        if self._source is None:
            return self._try_again(self.blind or "capture had not begun")
        alive = self._source.is_alive()
        if alive and self.obstruction().reason:
            self._source.sync()
            return False
        idle_ms = self._idle.idle_ms() if alive and new_events == 0 else None
        step = decide(alive=alive, new_events=new_events, idle_ms=idle_ms, elapsed_ms=elapsed_ms)
        if new_events:
            self._position = None
        if step is CaptureDecision.PROBE:
            why = self._probe(self._source)
            return not why or self.restart(why)
        return step is CaptureDecision.NOTHING or self.restart("the listener had died")

    def _probe(self, source: PointerSource) -> str:
        """What is wrong with a source that gave nothing while there was input; empty if that was the keyboard.

        It must answer, and the pointer must stand where it stood. Where it stood is known from an earlier
        look without events; a move that came since is in the ring after `sync`, or was missed.
        """
        before, self._position = self._position, self._idle.position()
        source.sync()
        if self.obstruction().reason:
            return ""
        if not source.is_alive():
            return "no events came"
        missed = before is not None and self._position is not None and before != self._position
        if missed and not len(self._ring):
            self._position = None
            return f"the pointer moved from {before} and no event came"
        return ""

    def restart(self, why: str) -> bool:
        """Replace the source now; False if no new one works, then `check` goes on trying."""
        self.stop()
        self._next_try_ns = 0
        return self._try_again(why)

    def _try_again(self, why: str) -> bool:
        """Build a new source unless the last attempt was too recent."""
        if self._clock() < self._next_try_ns:
            return False
        try:
            self.start()
        except CaptureCut as reason:
            # Tried again soon, however often it is cut off, and said each time, so that policy can answer.
            self.is_cut = True
            self._next_try_ns = self._clock() + int(_FIRST_WAIT_S * 1e9)
            self._ring.put(Boundary(self._clock(), Cause.CAPTURE_RESTARTED, reason.message))
            return False
        except CannotSee as reason:
            self.is_cut = False
            self._next_try_ns = self._clock() + int(self._wait_s * 1e9)
            self._wait_s = min(2 * self._wait_s, _LONGEST_WAIT_S)
            if str(reason) != why:
                _log.warning("capture cannot be restarted: %s", reason)
            return False
        self._wait_s = _FIRST_WAIT_S
        self.restarts += 1
        self._ring.put(Boundary(self._clock(), Cause.CAPTURE_RESTARTED, why))
        return True
