"""Locked screen: whether this session's lock has been seen, for the mouse service, which hands nothing on meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from agent.engine.events import Boundary, Cause
from agent.host.api import LockReport, LockResult, ScreenLock, SessionMonitor


class LockedScreen:
    """Follows the session monitor. Any thread.

    Parameters
    ----------
    look : callable
        Whether a lock is seen now; None where that cannot be told. May block a second.
    """

    def __init__(self, look: Callable[[], bool | None]) -> None:
        self._look = look
        self._guard = threading.Lock()
        self._changed: Callable[[], None] = _nobody
        self.is_locked = False

    def listen(self, changed: Callable[[], None]) -> None:
        """Call `changed` at each change from now on, and nobody else."""
        self._changed = changed

    def follow(self, boundary: Boundary) -> None:
        """Follow one boundary of the session."""
        if boundary.cause in (Cause.SCREEN_LOCKED, Cause.SCREEN_UNLOCKED):
            self._set(locked=boundary.cause is Cause.SCREEN_LOCKED)

    def lock_seen(self) -> None:
        """Take it as locked: the agent's own lock was seen, of which not every locker tells the session."""
        self._set(locked=True)

    def look_again(self) -> bool:
        """Look whether it is still locked: some lockers tell nobody that they ended. May block a second."""
        self._set(locked=self.is_locked and self._look() is True)
        return self.is_locked

    def _set(self, *, locked: bool) -> None:
        with self._guard:
            if locked == self.is_locked:
                return
            self.is_locked = locked
        self._changed()


class FollowedLock:
    """`ScreenLock` that lets a `LockedScreen` know of the locks that were seen.

    Parameters
    ----------
    lock : ScreenLock
    screen : LockedScreen
    """

    def __init__(self, lock: ScreenLock, screen: LockedScreen) -> None:
        self._lock = lock
        self._screen = screen

    def lock(self) -> LockReport:
        """See `ScreenLock.lock`."""
        report = self._lock.lock()
        if report.result is LockResult.LOCKED:
            self._screen.lock_seen()
        return report

    def is_locked(self) -> bool | None:
        """See `ScreenLock.is_locked`."""
        return self._lock.is_locked()

    def names(self) -> Sequence[str]:
        """See `ScreenLock.names`."""
        return self._lock.names()


class FollowedSession:
    """`SessionMonitor` that lets a `LockedScreen` follow what it tells.

    Parameters
    ----------
    session : SessionMonitor
    screen : LockedScreen
    """

    def __init__(self, session: SessionMonitor, screen: LockedScreen) -> None:
        self._session = session
        self._screen = screen

    def start(
        self,
        on_boundary: Callable[[Boundary], None],
        on_deaf: Callable[[str], None],
        on_unseen_lock: Callable[[str], None],
    ) -> None:
        """See `SessionMonitor.start`."""

        def both(boundary: Boundary) -> None:
            self._screen.follow(boundary)
            on_boundary(boundary)

        self._session.start(both, on_deaf, on_unseen_lock)

    def is_locked(self) -> bool | None:
        """See `SessionMonitor.is_locked`."""
        return self._session.is_locked()

    def stop(self) -> None:
        """See `SessionMonitor.stop`."""
        self._session.stop()


def _nobody() -> None:
    """Nobody listens yet."""
