"""Elevated window watch: notices that the pointer moves over a window of a higher integrity level.

Windows tells a program nothing of the mouse there: neither hook nor raw input hears ("User Interface Privilege
Isolation", learn.microsoft.com). No fault of capture, so it is not restarted for that. On scripted levels only.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from agent.host.obstruction import CLEAR, Obstruction
from agent.host.windows.win32 import Win32
from agent.host.windows.window_integrity import WindowIntegrity
from agent.language.language import mark

BEHIND_A_HIGHER_LEVEL: Final = mark(
    "An administrator's window is in front, and Windows shows its mouse to no other program: "
    "nobody is recognised there."
)
# Between two looks that are further apart nobody knows how long the pointer moved.
_MOST_BETWEEN_NS: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look saw: when, where the pointer was, the tick of the last input, and how many events had come."""

    t_ns: int
    cursor: tuple[int, int]
    input_ms: int
    heard: int


class ElevatedWindowWatch:
    """Compares the foreground window's level with the agent's own, while events are missed. Any thread.

    Parameters
    ----------
    win32 : Win32
    integrity : WindowIntegrity
    clock : callable
        Monotonic nanoseconds.
    """

    def __init__(self, win32: Win32, integrity: WindowIntegrity, clock: Callable[[], int]) -> None:
        self._win32 = win32
        self._integrity = integrity
        self._clock = clock
        self._lock = threading.Lock()
        self._before: _Look | None = None
        self._own: int | None = None
        self._obstruction = CLEAR

    def obstruction(self) -> Obstruction:
        """What the last look found."""
        return self._obstruction

    def look(self, heard: int) -> bool:
        """Look again; True where what is in the way has begun or ended.

        Parameters
        ----------
        heard : int
            Events of the mouse that came so far.
        """
        with self._lock:
            now = _Look(self._clock(), self._win32.cursor(), self._win32.last_input_ms(), heard)
            before, self._before = self._before or now, now
            former = self._obstruction
            self._obstruction = self._follow(before, now, former)
        return bool(former.reason) != bool(self._obstruction.reason)

    def _follow(self, before: _Look, now: _Look, former: Obstruction) -> Obstruction:
        between_ns = min(now.t_ns - before.t_ns, _MOST_BETWEEN_NS)
        if now.heard != before.heard:
            return Obstruction("", max(0, former.unseen_ns - between_ns))
        # A program may move the pointer by itself: a hand leaves an input as well.
        moved = now.cursor != before.cursor and now.input_ms != before.input_ms
        if not moved and not former.reason:
            return former
        if not self._is_higher():
            return replace(former, reason="")
        return Obstruction(BEHIND_A_HIGHER_LEVEL, former.unseen_ns + between_ns) if moved else former

    def _is_higher(self) -> bool:
        if self._own is None:
            self._own = self._integrity.own()
        foreground = self._integrity.foreground()
        return self._own is not None and foreground is not None and foreground > self._own
