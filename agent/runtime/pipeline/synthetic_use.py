"""Synthetic use: how long synthetic input goes on without a hand that is judged meanwhile. Pure."""

from __future__ import annotations

from typing import Final

_LONGEST_INTERVAL_NS: Final = 60_000_000_000
"""Between two events that are farther apart nobody used the mouse."""
BY_PROGRAM_NS: Final = 10_000_000_000
"""So long after the hand's last event, a program alone moves the mouse."""
SHIELD_NS: Final = 2_000_000_000
"""So long after synthetic events that cannot be separated, the hand's actions are taken for shielded."""


class SyntheticUse:
    """Balance of use: synthetic and shielded use adds to it, judged use of the hand takes from it, never below 0.

    Somebody who shields himself for more than half of the time has a balance that grows.
    """

    def __init__(self) -> None:
        self.balance_ns = 0
        self._last_synthetic_ns: int | None = None
        self._last_hand_ns: int | None = None
        self._last_ns: int | None = None
        self._shielded_until_ns: int | None = None

    def add_synthetic(self, first_ns: int, last_ns: int, *, separated: bool) -> None:
        """Account for synthetic events from `first_ns` to `last_ns`."""
        self.balance_ns += self._elapsed_ns(first_ns, last_ns)
        self._last_synthetic_ns = last_ns
        if not separated:
            self._shielded_until_ns = last_ns + SHIELD_NS

    def add_hand(self, first_ns: int, last_ns: int) -> None:
        """Account for the hand's events from `first_ns` to `last_ns`."""
        elapsed_ns = self._elapsed_ns(first_ns, last_ns)
        self._last_hand_ns = last_ns
        if self.is_shielded(first_ns):
            self.balance_ns += elapsed_ns
        else:
            self.balance_ns = max(0, self.balance_ns - elapsed_ns)

    def is_shielded(self, t_ns: int) -> bool:
        """True where what the hand does at `t_ns` may have been spoilt by synthetic input."""
        return self._shielded_until_ns is not None and t_ns <= self._shielded_until_ns

    def is_by_program(self) -> bool:
        """True where a program was the last to move the mouse, and no hand did shortly before."""
        if self._last_synthetic_ns is None:
            return False
        return self._last_hand_ns is None or self._last_synthetic_ns - self._last_hand_ns >= BY_PROGRAM_NS

    def interrupt(self) -> None:
        """A boundary, or a closed gate: what passes from here to the next event is no use."""
        self._last_ns = None

    def restart(self) -> None:
        """Begin at zero."""
        self.balance_ns = 0

    def _elapsed_ns(self, first_ns: int, last_ns: int) -> int:
        gap_ns = 0 if self._last_ns is None else first_ns - self._last_ns
        self._last_ns = last_ns
        return (gap_ns if 0 <= gap_ns <= _LONGEST_INTERVAL_NS else 0) + last_ns - first_ns
