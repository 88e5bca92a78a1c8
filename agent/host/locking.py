"""Locking that is believed only when seen: tries lockers in order and watches what each one does.

Nothing here knows an operating system; lockers and the screen are handed in.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from agent.host.api import LockReport, LockResult
from agent.host.locker import Locker, LockerError, ScreenGone, ScreenOpener, ScreenView

# A locker that dies at once (memory that it may not lock) can be seen for a moment; so it is seen twice.
_LOOKS: Final = 2

_BLOCKED: Final = (LockResult.BLOCKED, "blocked: another program holds the mouse or keyboard (an open menu?)")


@dataclass(frozen=True, slots=True)
class LockTimeouts:
    """How long each step may take, in seconds."""

    verify_s: float = 3.0
    free_s: float = 1.0
    look_s: float = 0.03


class CheckedLock:
    """A `ScreenLock` over several lockers.

    A lock is believed when, from a screen that nobody had grabbed, pointer and keyboard become grabbed, a
    live process other than this one covers the screen (for lockers whose windows can be seen), and the
    session says that it is locked or the covering process is a known locker. Where no screen can be
    looked at (Wayland, Windows, macOS) the session's word alone decides, and lockers about which the
    session says nothing are failures.

    A screen that another program holds (an open menu) is waited for, once, and then only lockers that can
    take it are tried: any other lock could not be told from that program's hold.

    Parameters
    ----------
    lockers : sequence of Locker
        In the order in which they are tried.
    screen : callable
        Opens a look at the screen.
    session_says : callable
        The session's own word on being locked, apart from any locker.
    clock, sleep : callable
        Monotonic nanoseconds; sleeping seconds.
    """

    def __init__(
        self,
        lockers: Sequence[Locker],
        screen: ScreenOpener,
        session_says: Callable[[], bool | None],
        clock: Callable[[], int] = time.monotonic_ns,
        sleep: Callable[[float], None] = time.sleep,
        timeouts: LockTimeouts = LockTimeouts(),
    ) -> None:
        self._lockers = tuple(lockers)
        self._screen = screen
        self._session_says = session_says
        self._clock = clock
        self._sleep = sleep
        self._timeouts = timeouts

    def names(self) -> Sequence[str]:
        """See `ScreenLock.names`."""
        return tuple(locker.name for locker in self._lockers if not locker.missing())

    def is_locked(self) -> bool | None:
        """See `ScreenLock.is_locked`."""
        try:
            with self._screen() as screen:
                return self._seen_locked(screen)
        except ScreenGone:
            return None

    def lock(self) -> LockReport:
        """See `ScreenLock.lock`."""
        tried: list[str] = []
        try:
            with self._screen() as screen:
                if self._seen_locked(screen):
                    return LockReport(
                        LockResult.LOCKED, "", self._clock(), ("the screen was locked already",)
                    )
                return self._try_all(screen, tried)
        except ScreenGone as why:
            return LockReport(LockResult.FAILED, "", 0, (*tried, str(why)))

    def _try_all(self, screen: ScreenView, tried: list[str]) -> LockReport:
        outcome, name = LockResult.UNAVAILABLE, ""
        self._wait_until_free(screen)
        for locker in self._lockers:
            missing = locker.missing()
            if missing:
                tried.append(f"{locker.name}: not available: {missing}")
                continue
            name = locker.name
            free = not screen.grabbed()
            outcome, line = self._attempt(locker, screen) if free or locker.takes else _BLOCKED
            tried.append(f"{name}: {line}")
            if outcome is LockResult.LOCKED:
                return LockReport(outcome, name, self._clock(), tuple(tried))
        if outcome is LockResult.UNAVAILABLE:
            tried.append("no locker can be used: install i3lock or xsecurelock, or set response.lockers")
        return LockReport(outcome, name, 0, tuple(tried))

    def _seen_locked(self, screen: ScreenView) -> bool | None:
        says = self._session_says()
        if not screen.visible:
            return says
        # Looking for a grab takes one for a moment: only where there is reason to look.
        known = any(screen.is_locker(pid) for pid in screen.covered_by())
        return bool((says or known) and screen.grabbed())

    def _attempt(self, locker: Locker, screen: ScreenView) -> tuple[LockResult, str]:
        """Fire one locker and watch it; the result, and a line about it."""
        start_ns = self._clock()
        try:
            locker.fire()
        except LockerError as why:
            return LockResult.FAILED, str(why)
        seen = 0
        while True:
            missing, died = _missing(locker, screen), locker.died()
            taken_ms = (self._clock() - start_ns) / 1e6
            if died:
                return LockResult.FAILED, died
            seen = 0 if missing else seen + 1
            if seen == _LOOKS:
                return LockResult.LOCKED, f"locked, seen after {taken_ms:.0f} ms"
            if missing and taken_ms >= self._timeouts.verify_s * 1e3:
                # A locker that holds the screen is left to it, even if it cannot be believed.
                if not screen.grabbed():
                    locker.withdraw()
                return LockResult.FAILED, f"took the request, but after {taken_ms:.0f} ms {missing}"
            self._sleep(self._timeouts.look_s)

    def _wait_until_free(self, screen: ScreenView) -> None:
        """Ask whoever holds the screen to let go, and give them a while."""
        if not screen.grabbed():
            return
        screen.dismiss()
        deadline_ns = self._clock() + int(self._timeouts.free_s * 1e9)
        while screen.grabbed() and self._clock() < deadline_ns:
            self._sleep(self._timeouts.look_s)


def _missing(locker: Locker, screen: ScreenView) -> str:
    """What is missing before the lock can be believed; empty when nothing is."""
    if not screen.visible:
        return "" if locker.says_locked() else "the session does not say that it is locked"
    covering = screen.covered_by()
    if locker.covers and not covering:
        return "no window covers the screen"
    if not any(screen.is_locker(pid) for pid in covering) and not locker.says_locked():
        return (
            "the session does not say that it is locked"
            if locker.tells
            else "no known locker covers the screen"
        )
    return "" if screen.grabbed() else "mouse and keyboard are not held"
