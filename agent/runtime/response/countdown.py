"""Countdown: the warning before a lock, which a proven owner ends and an open question holds once."""

from __future__ import annotations

import math
import threading
import time
from enum import Enum
from typing import Final, Protocol

HOLD_S: Final = 30.0
"""The longest time that a question to the owner holds the countdown of one finding."""


class ResponseClock(Protocol):
    """Time on the responder thread; a test passes its own."""

    def now_s(self) -> float:
        """Monotonic seconds."""

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        """Wait for `event`; False after `timeout_s`."""


class MonotonicClock:
    """The clock of the running agent."""

    def now_s(self) -> float:
        """See `ResponseClock.now_s`."""
        return time.monotonic()

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        """See `ResponseClock.wait`."""
        return event.wait(timeout_s)


class CountdownObserver(Protocol):
    """Shows the countdown. In the agent: `agent.runtime.response.lock_outcome.LockOutcome`."""

    def counting_down(self, seconds: float) -> None:
        """So many whole seconds are left. Responder thread; must not block."""

    def holding(self) -> None:
        """The countdown is held while the owner is asked. Responder thread; must not block."""


class _Question(Enum):
    NONE = "none"
    ASKED = "asked"
    REFUSED = "refused"


class Countdown:
    """The countdown of one finding at a time.

    `withdraw`, `ask` and `refuse` are for any thread; `begin` and `run` for the responder's.

    Parameters
    ----------
    observer : CountdownObserver
    clock : ResponseClock
    """

    def __init__(self, observer: CountdownObserver, clock: ResponseClock) -> None:
        self._observer = observer
        self._clock = clock
        self._changed = threading.Event()
        self._question = _Question.NONE
        self._withdrawn = False

    def begin(self) -> None:
        """A new finding: nothing that was said about the last one counts."""
        self._question, self._withdrawn = _Question.NONE, False
        self._changed.clear()

    def withdraw(self) -> None:
        """The owner proved who they are: do not lock."""
        self._withdrawn = True
        self._changed.set()

    def ask(self) -> None:
        """The owner is being asked: hold the countdown, unless it was held before for this finding."""
        if self._question is _Question.NONE:
            self._question = _Question.ASKED
            self._changed.set()

    def refuse(self) -> None:
        """The question was cancelled or failed: lock at once."""
        if self._question is _Question.ASKED:
            self._question = _Question.REFUSED
            self._changed.set()

    @property
    def is_withdrawn(self) -> bool:
        """True once the owner proved who they are."""
        return self._withdrawn

    def run(self, countdown_s: float) -> bool:
        """Count down second by second; False if the owner ended it.

        A question holds it once for at most `HOLD_S`; cancelled, failed or expired, the countdown is over.
        """
        end_s = self._clock.now_s() + countdown_s
        while (left_s := end_s - self._clock.now_s()) > 0:
            seconds = math.ceil(left_s)
            self._observer.counting_down(float(seconds))
            if self.pause(left_s - (seconds - 1)):
                return False
            if self._question is not _Question.NONE:
                return self._hold()
        return not self._withdrawn

    def pause(self, timeout_s: float) -> bool:
        """Wait until something changes or the time is over; True if the owner ended it."""
        self._clock.wait(self._changed, timeout_s)
        self._changed.clear()
        return self._withdrawn

    def _hold(self) -> bool:
        self._observer.holding()
        end_s = self._clock.now_s() + HOLD_S
        while self._question is _Question.ASKED and (left_s := end_s - self._clock.now_s()) > 0:
            if self.pause(left_s):
                return False
        return not self._withdrawn
