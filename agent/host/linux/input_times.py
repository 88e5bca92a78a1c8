"""Input times: when input last came, as far as a compositor's notices of idleness tell. Pure: time comes in."""

from __future__ import annotations

from typing import Final

IDLE_AFTER_MS: Final = 5_000
"""After how long without input a compositor is asked to give notice: longer pauses are known to the millisecond."""

_NS_PER_MS: Final = 1_000_000


class InputTimes:
    """Follows the notices of one seat.

    Parameters
    ----------
    now_ns : int
        Monotonic time of the question for notices, from when the compositor counts.
    """

    def __init__(self, now_ns: int) -> None:
        self._asked_ns = now_ns
        self._active = True
        self._last_ns: int | None = None

    def idled(self, now_ns: int) -> None:
        """No input came for `IDLE_AFTER_MS`; whether any came before that, the first notice does not tell."""
        if self._last_ns is not None or now_ns - self._asked_ns > 2 * IDLE_AFTER_MS * _NS_PER_MS:
            self._last_ns = now_ns - IDLE_AFTER_MS * _NS_PER_MS
        self._active = False

    def resumed(self, now_ns: int) -> None:
        """Input came now."""
        self._last_ns = now_ns
        self._active = True

    def idle_ms(self, now_ns: int) -> int | None:
        """Milliseconds since the last input at the most; None where no input was told of yet."""
        if self._last_ns is not None:
            since_ms = (now_ns - self._last_ns) // _NS_PER_MS
            return min(since_ms, IDLE_AFTER_MS) if self._active else since_ms
        # A compositor that gave no notice for twice its time has had input meanwhile.
        waited_ms = (now_ns - self._asked_ns) // _NS_PER_MS
        return IDLE_AFTER_MS if self._active and waited_ms > 2 * IDLE_AFTER_MS else None
