"""The millisecond counters that operating systems stamp input with."""

from __future__ import annotations

from typing import Final

_MS: Final = 1_000_000
_WRAP_MS: Final = 1 << 32
_HALF_MS: Final = 1 << 31
_SAME_CLOCK_MS: Final = 1_000


class TickClock:
    """Turns 32-bit milliseconds, which wrap every 49.7 days, into monotonic nanoseconds.

    An X server on this computer counts CLOCK_MONOTONIC, and then so does the result. Any other clock is
    shifted once, at the anchor.
    """

    def __init__(self) -> None:
        self._last_ms = 0
        self._unwrapped_ms = 0

    def anchor(self, tick_ms: int, now_ns: int) -> None:
        """Say that the counter shows `tick_ms` at monotonic `now_ns`."""
        now_ms = now_ns // _MS
        ahead_ms = _signed(tick_ms - now_ms)
        same = abs(ahead_ms) <= _SAME_CLOCK_MS
        self._last_ms = tick_ms
        self._unwrapped_ms = now_ms + ahead_ms if same else now_ms

    def t_ns(self, tick_ms: int) -> int:
        """Monotonic time of one time stamp; a step back in them is a step back here."""
        if tick_ms != self._last_ms:
            self._unwrapped_ms += _signed(tick_ms - self._last_ms)
            self._last_ms = tick_ms
        return self._unwrapped_ms * _MS


def _signed(difference_ms: int) -> int:
    return (difference_ms + _HALF_MS) % _WRAP_MS - _HALF_MS
