"""Services by looking again and again, where an operating system tells only windows of changes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from agent.engine.events import Boundary, Cause
from agent.engine.mouse import MouseConfiguration
from agent.engine.mouse_differences import differences
from agent.host.several_mice import SEVERAL_ARE_UNKNOWN, moving

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
        boundaries = []
        if now_ns - self._last_ns > _SLEPT_S * 1e9:
            boundaries.append(Boundary(now_ns, Cause.SLEEP, "ends"))
        if locked is not None and self._locked is not None and locked != self._locked:
            cause = Cause.SCREEN_LOCKED if locked else Cause.SCREEN_UNLOCKED
            boundaries.append(Boundary(now_ns, cause, "polled"))
        self._last_ns = now_ns
        self._locked = self._locked if locked is None else locked
        return boundaries


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

    def start(
        self,
        on_boundary: Callable[[Boundary], None],
        on_deaf: Callable[[str], None],
        on_unseen_lock: Callable[[str], None],
    ) -> None:
        """See `SessionMonitor.start`."""
        changes = SessionChanges(self._clock(), self._locked())

        def look() -> None:
            for boundary in changes.look(self._clock(), self._locked()):
                on_boundary(boundary)

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
    """`Mice` by a look every two seconds, where events do not tell their device.

    Parameters
    ----------
    read : callable
        Every configuration that is connected now, the main one first; none where nothing is known.
    nothing : MouseConfiguration
        What stands for a mouse where nothing is known.
    several : str
        What several mice are taken for (`several.moving`).
    """

    def __init__(
        self,
        read: Callable[[], tuple[MouseConfiguration, ...]],
        nothing: MouseConfiguration,
        several: str = SEVERAL_ARE_UNKNOWN,
    ) -> None:
        self._several = several
        self._read = read
        self._nothing = nothing
        self._known: tuple[MouseConfiguration, ...] | None = None
        self._poll: _Poll | None = None

    def current(self) -> MouseConfiguration:
        """See `Mice.current`."""
        return moving(self.connected(), self._several) or self._nothing

    def of(self, source: int) -> MouseConfiguration | None:
        """See `Mice.of`: whatever the source, the one mouse, or what several are taken for."""
        return moving(self._known or (), self._several)

    def connected(self) -> tuple[MouseConfiguration, ...]:
        """See `Mice.connected`."""
        if self._poll is None or self._known is None:
            self._known = self._read()
        return self._known

    def watch(self, changed: Callable[[str], None]) -> None:
        """See `Mice.watch`."""
        self._known = self._read()

        def look() -> None:
            before, now = self._known or (), self._read()
            self._known = now
            if [mouse.key for mouse in now] != [mouse.key for mouse in before]:
                changed(what_changed(before, now))

        self._poll = _Poll("steadyhand-mice", _MICE_S, look)
        self._poll.start()

    def look(self) -> None:
        """See `Mice.look`: it looks all the time."""

    def close(self) -> None:
        """See `Mice.close`."""
        if self._poll is not None:
            self._poll.stop()


def what_changed(before: tuple[MouseConfiguration, ...], now: tuple[MouseConfiguration, ...]) -> str:
    """What came, went or is set otherwise, in words; empty where nothing is."""
    known = {mouse.identity: mouse for mouse in before}
    changes = []
    for mouse in now:
        if mouse.identity not in known:
            changes.append(f"{mouse.name or mouse.key} was plugged in")
        else:
            changes += differences(known[mouse.identity], mouse, "before")
    gone = known.keys() - {mouse.identity for mouse in now}
    return "; ".join(
        [*changes, *(f"{known[mouse].name or known[mouse].key} was taken out" for mouse in sorted(gone))]
    )
