"""Whether what is captured may be judged or learnt from: not while the screen is locked, another user's is shown, or
the agent is paused.
"""

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
    UNLOCKED_UNTOLD = "the lock is gone and nobody said so"


@dataclass(slots=True)
class Gate:
    """Follows locks, unlocks and pauses. Worker thread only.

    Attributes
    ----------
    is_locked : callable
        Asks the screen; None where it cannot be seen.
    locked, paused : bool
        Why it is closed.
    away : bool
        True while another user's screen is shown: the hand at the mouse is theirs, and what the kernel tells of it
        is none of this agent's business.
    session_told : bool
        True if the session itself reported the lock, so that it should report the unlock too.
    """

    is_locked: Callable[[], bool | None]
    locked: bool = False
    paused: bool = False
    away: bool = False
    session_told: bool = False
    _checked_ns: int = 0

    def boundary(self, cause: Cause) -> None:
        """Follow one boundary of the stream."""
        if cause in (Cause.USER_SWITCH, Cause.USER_BACK):
            self.away = cause is Cause.USER_SWITCH
        if cause in _LOCKS:
            self.locked = True
            self.session_told = self.session_told or cause is Cause.SCREEN_LOCKED
        elif cause is Cause.SCREEN_UNLOCKED:
            self.locked = self.session_told = False
        elif cause is Cause.PAUSED:
            self.paused = True
        elif cause is Cause.RESUMED:
            self.paused = False

    def events(self, now_ns: int) -> Passage:
        """Whether events that arrive now may pass.

        Lockers outside the session's knowledge tell nobody when they let go, so while the screen counts as
        locked, input makes this look, at most once a second.
        """
        if self.away:
            return Passage.CLOSED
        if self.locked and now_ns - self._checked_ns >= _CHECK_EVERY_NS:
            self._checked_ns = now_ns
            if self.is_locked() is False:
                return Passage.UNLOCKED_UNTOLD
        return Passage.CLOSED if self.locked or self.paused else Passage.OPEN
