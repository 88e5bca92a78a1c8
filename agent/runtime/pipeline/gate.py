"""Gate: whether events may be judged or learnt from. Closed while locked, paused, or another user's screen is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from agent.engine.events import Cause

# Who comes back from another user's screen meets a lock, or input shows that there is none.
_LOCKS = frozenset((Cause.SCREEN_LOCKED, Cause.LOCKED_BY_VERDICT, Cause.SLEEP, Cause.USER_BACK))
_CHECK_EVERY_NS = 1_000_000_000


class Passage(Enum):
    """What happens to events."""

    OPEN = "open"
    CLOSED = "closed"
    UNLOCKED_WITHOUT_SIGNAL = "unlocked without a session signal"


@dataclass(slots=True)
class Gate:
    """State of the gate: follows locks, unlocks and pauses. Worker thread only.

    Attributes
    ----------
    is_locked : callable
        Looks at the screen; None where it cannot be seen.
    locked, paused : bool
        Why it is closed.
    away : bool
        True while another user's screen is shown: the mouse is theirs, and nothing about it is looked at.
    session_reported : bool
        True if the session itself reported the lock, so that it should report the unlock too.
    lock_seen : bool
        True if a lock was seen, and not only sleep or a user switch, after which there may be none.
    """

    is_locked: Callable[[], bool | None]
    locked: bool = False
    paused: bool = False
    away: bool = False
    session_reported: bool = False
    lock_seen: bool = False
    _checked_ns: int = 0

    @property
    def is_closed(self) -> bool:
        """True while nothing passes, as far as is known."""
        return self.locked or self.paused or self.away

    def boundary(self, cause: Cause) -> None:
        """Follow one boundary of the stream."""
        if cause in (Cause.USER_SWITCH, Cause.USER_BACK):
            self.away = cause is Cause.USER_SWITCH
        if cause in _LOCKS:
            self.locked = True
            self.session_reported = self.session_reported or cause is Cause.SCREEN_LOCKED
            self.lock_seen = self.lock_seen or cause in (Cause.SCREEN_LOCKED, Cause.LOCKED_BY_VERDICT)
        elif cause is Cause.SCREEN_UNLOCKED:
            self.locked = self.session_reported = self.lock_seen = False
        elif cause is Cause.PAUSED:
            self.paused = True
        elif cause is Cause.RESUMED:
            self.paused = False

    def events(self, now_ns: int) -> Passage:
        """Whether events that arrive now may pass.

        Some lockers report no unlock to the session, so while the screen counts as locked, input triggers a
        look at the screen, at most once a second.
        """
        if self.away:
            return Passage.CLOSED
        if self.locked and now_ns - self._checked_ns >= _CHECK_EVERY_NS:
            self._checked_ns = now_ns
            locked = self.is_locked()
            if locked is False or (locked is None and not self.lock_seen):
                return Passage.UNLOCKED_WITHOUT_SIGNAL
        return Passage.CLOSED if self.locked or self.paused else Passage.OPEN
