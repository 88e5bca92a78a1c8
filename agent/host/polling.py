"""Services by looking again and again, where an operating system tells only windows of changes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from agent.engine.events import Boundary, Cause
from agent.engine.mouse import MouseConfiguration

_SESSION_S: Final = 1.0
_MICE_S: Final = 2.0
# A thread that wakes so late has slept with the computer.
_SLEPT_S: Final = 15.0


class _Poll:
    """A thread that calls `look` every `period_s` until stopped."""

    def __init__(self, name: str, period_s: float, look: Callable[[], None]) -> None:
        self._period_s = period_s
        self._look = look
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(1.0)

    def _run(self) -> None:
        while not self._ended.wait(self._period_s):
            self._look()


class SessionChanges:
    """What one look after another means. Pure.

    Parameters
    ----------
    now_ns : int
        Time of the first look.
    locked : bool or None
        What was seen then.
    """

    def __init__(self, now_ns: int, locked: bool | None) -> None:
        self._last_ns = now_ns
        self._locked = locked

    def look(self, now_ns: int, locked: bool | None) -> list[Boundary]:
        """The boundaries since the last look."""
        told = []
        if now_ns - self._last_ns > _SLEPT_S * 1e9:
            told.append(Boundary(now_ns, Cause.SLEEP, "ends"))
        if locked is not None and self._locked is not None and locked != self._locked:
            cause = Cause.SCREEN_LOCKED if locked else Cause.SCREEN_UNLOCKED
            told.append(Boundary(now_ns, cause, "polled"))
        self._last_ns = now_ns
        self._locked = self._locked if locked is None else locked
        return told


class PolledSession:
    """`SessionMonitor` by a look every second.

    Parameters
    ----------
    locked : callable
        The session's own word.
    clock : callable
        Nanoseconds of a clock that goes on while the computer sleeps.
    """

    def __init__(
        self, locked: Callable[[], bool | None], clock: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self._locked = locked
        self._clock = clock
        self._poll: _Poll | None = None

    def start(self, told: Callable[[Boundary], None]) -> None:
        """See `SessionMonitor.start`."""
        changes = SessionChanges(self._clock(), self._locked())

        def look() -> None:
            for boundary in changes.look(self._clock(), self._locked()):
                told(boundary)

        self._poll = _Poll("steadyhand-session", _SESSION_S, look)
        self._poll.start()

    def is_locked(self) -> bool | None:
        """See `SessionMonitor.is_locked`."""
        return self._locked()

    def stop(self) -> None:
        """See `SessionMonitor.stop`."""
        if self._poll is not None:
            self._poll.stop()


class PolledMice:
    """`Mice` by a look every two seconds.

    Parameters
    ----------
    read : callable
        The configuration now.
    """

    def __init__(self, read: Callable[[], MouseConfiguration]) -> None:
        self._read = read
        self._poll: _Poll | None = None

    def current(self) -> MouseConfiguration:
        """See `Mice.current`."""
        return self._read()

    def watch(self, changed: Callable[[MouseConfiguration], None]) -> None:
        """See `Mice.watch`."""
        known = [self._read()]

        def look() -> None:
            now = self._read()
            if now != known[0]:
                known[0] = now
                changed(now)

        self._poll = _Poll("steadyhand-mice", _MICE_S, look)
        self._poll.start()

    def close(self) -> None:
        """See `Mice.close`."""
        if self._poll is not None:
            self._poll.stop()
