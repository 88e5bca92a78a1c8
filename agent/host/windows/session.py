"""Session monitor on Windows: locks, sleep, user switches and the end of the session, from messages to a hidden window.

Any program of the user can send such messages: a lock or unlock counts only where the session's own state agrees.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from agent.engine.events import Boundary, Cause
from agent.host.api import SystemAuthentication
from agent.host.polling import PolledSession
from agent.host.windows.hidden_window import HiddenWindow
from agent.host.windows.session_messages import (
    END_SESSION,
    QUERY_END_SESSION,
    SessionFact,
    end_reason,
    read_session_message,
)

INSTALLER: Final = "an installer that replaces or removes it"
LOGON: Final = "winlogon"
"""Who authenticates at an unlock."""

_OPEN_S: Final = 2.0
# Windows waits 5 s for a program that is told of the end, and then ends it.
_END_S: Final = 4.5
# The session's state may follow its message.
_LOOKS: Final = 10
_LOOK_S: Final = 0.1
_ALLOW: Final = 1
_POLLED: Final = "Windows does not tell of locks: the session is looked at once a second"

_log = logging.getLogger(__name__)

_CAUSES: Final = {
    SessionFact.AWAY: (Cause.USER_SWITCH, "away"),
    SessionFact.BACK: (Cause.USER_BACK, "back"),
    SessionFact.SLEEP_BEGINS: (Cause.SLEEP, "begins"),
    SessionFact.SLEEP_ENDS: (Cause.SLEEP, "ends"),
    SessionFact.LOCKED: (Cause.SCREEN_LOCKED, "session"),
    SessionFact.UNLOCKED: (Cause.SCREEN_UNLOCKED, "session"),
}


class WindowsSession:
    """`SessionMonitor`, `SessionEnd` and `IdentityProofs` over one hidden window, on a thread of its own.

    Parameters
    ----------
    window : HiddenWindow
    locked : callable
        The session's own state: True, False, or None where Windows does not say.
    clock : callable
        Monotonic nanoseconds.
    sleep : callable
        Waits so many seconds.
    """

    def __init__(
        self,
        window: HiddenWindow,
        locked: Callable[[], bool | None],
        clock: Callable[[], int] = time.monotonic_ns,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._window = window
        self._locked = locked
        self._clock = clock
        self._sleep = sleep
        self._polled: PolledSession | None = None
        self._thread: threading.Thread | None = None
        self._opened = threading.Event()
        self._tells_locks = False
        self._on_end: Callable[[str], None] = _nobody
        self._ending = False
        self._ended = threading.Event()
        self._lock_seen = False
        self._unlocked: SystemAuthentication | None = None

    def start(
        self,
        on_boundary: Callable[[Boundary], None],
        on_deaf: Callable[[str], None],
        on_unseen_lock: Callable[[str], None],
    ) -> None:
        """See `SessionMonitor.start`. Where Windows does not tell, the session's state is looked at once a second."""
        self._on_boundary, self._on_unseen_lock, self._on_deaf = on_boundary, on_unseen_lock, on_deaf
        self._lock_seen = self._locked() is True
        self._thread = threading.Thread(target=self._run, name="steadyhand-session", daemon=True)
        self._thread.start()
        self._opened.wait(_OPEN_S)
        if not self._tells_locks:
            on_deaf(_POLLED)
            self._polled = PolledSession(self._locked, self._clock)
            self._polled.start(on_boundary, on_deaf, on_unseen_lock)

    def is_locked(self) -> bool | None:
        """See `SessionMonitor.is_locked`."""
        return self._locked()

    def stop(self) -> None:
        """See `SessionMonitor.stop`. While Windows ends the session its thread waits for `finished`."""
        if self._polled is not None:
            self._polled.stop()
        self._window.close()
        if self._thread is not None and not self._ending:
            self._thread.join(1.0)

    def listen_end(self, on_end: Callable[[str], None]) -> None:
        """See `SessionEnd.listen_end`."""
        self._on_end = on_end

    def finished(self) -> None:
        """See `SessionEnd.finished`."""
        self._ended.set()
        if self._thread is not None and self._ending:
            self._thread.join(1.0)

    def latest(self) -> SystemAuthentication | None:
        """See `IdentityProofs.latest`: the last unlock whose lock and end the session's state showed."""
        return self._unlocked

    def _run(self) -> None:
        try:
            self._window.register_restart()
            self._window.run(self._is_open, self._receive, self._end_by_installer)
        except OSError as why:
            _log.warning("%s", why)
            self._opened.set()

    def _is_open(self, tells_locks: bool) -> None:
        self._tells_locks = tells_locks
        self._opened.set()
        if tells_locks and self._polled is not None:
            # It came late, on a busy computer.
            self._polled.stop()
            self._on_deaf("")

    def _receive(self, message: int, wparam: int, lparam: int) -> int | None:
        if message == QUERY_END_SESSION:
            return _ALLOW
        if message == END_SESSION:
            if wparam:
                self._end(end_reason(lparam))
                self._ended.wait(_END_S)
            return 0
        fact = read_session_message(message, wparam)
        if fact is not None:
            self._take(fact)
        return None

    def _take(self, fact: SessionFact) -> None:
        if fact in (SessionFact.LOCKED, SessionFact.UNLOCKED) and not self._is_true(fact):
            return
        cause, detail = _CAUSES[fact]
        self._on_boundary(Boundary(self._clock(), cause, detail))

    def _is_true(self, fact: SessionFact) -> bool:
        """Whether the session's state agrees with a message about the lock; a lock that it denies is reported."""
        expected = fact is SessionFact.LOCKED
        looks = 1
        while (state := self._locked()) is not expected and looks < _LOOKS:
            self._sleep(_LOOK_S)
            looks += 1
        if state is not expected:
            if expected:
                self._on_unseen_lock("a message says that the session is locked, and Windows does not")
            return False
        changed = self._lock_seen is not expected
        if changed and not expected:
            self._unlocked = SystemAuthentication(self._clock(), LOGON)
        self._lock_seen = expected
        return changed

    def _end_by_installer(self) -> None:
        self._end(INSTALLER)

    def _end(self, reason: str) -> None:
        self._ending = True
        self._on_end(reason)


def _nobody(_reason: str) -> None:
    """Before anybody listens there is no agent to end."""
