"""Locking that is believed only when seen: tries lockers in order and watches what each one does.

Nothing here knows an operating system; lockers and the screen are handed in.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, Protocol

from agent.host.api import LockReport, LockResult

# A locker that dies at once (memory that it may not lock) can be seen for a moment; so it is seen twice.
_LOOKS: Final = 2


class LockerError(Exception):
    """A locker refused; the message says why."""


class ScreenGone(Exception):
    """The display server went away while it was looked at; the message says so."""


class Locker(Protocol):
    """One program or service that can lock the screen.

    Attributes
    ----------
    name : str
        As the settings name it.
    tells : bool
        True where the session says, after this locker worked, that it is locked.
    covers : bool
        True where it covers an X screen with a window that other programs can see.
    """

    @property
    def name(self) -> str: ...

    @property
    def tells(self) -> bool: ...

    @property
    def covers(self) -> bool: ...

    def missing(self) -> str:
        """Why it cannot be used here; empty if it can. May block 200 ms."""

    def fire(self) -> None:
        """Ask for the lock, without waiting for it. Raises `LockerError`."""

    def died(self) -> str:
        """Why it cannot succeed any more (its process ended); empty while it can."""

    def says_locked(self) -> bool | None:
        """The session's own word, None where nobody says. May block 200 ms."""

    def withdraw(self) -> None:
        """Take back a request that did not succeed in time."""


class Screen(Protocol):
    """What can be seen of the screen from outside the locker.

    Attributes
    ----------
    visible : bool
        False where nothing can be seen (Wayland, Windows, macOS); then nothing is grabbed or covered.
    """

    @property
    def visible(self) -> bool: ...

    def grabbed(self) -> bool:
        """True where somebody holds the pointer or the keyboard."""

    def covered_by(self) -> frozenset[int]:
        """The live processes, other than this one, whose windows cover the whole screen."""

    def is_locker(self, pid: int) -> bool:
        """True where the process is a locker that we know by name."""

    def dismiss(self) -> None:
        """Ask an open menu to close."""


class NoScreen:
    """The screen where nothing can be seen of it."""

    visible = False

    def grabbed(self) -> bool:
        """See `Screen.grabbed`."""
        return False

    def covered_by(self) -> frozenset[int]:
        """See `Screen.covered_by`."""
        return frozenset()

    def is_locker(self, pid: int) -> bool:
        """See `Screen.is_locker`."""
        return False

    def dismiss(self) -> None:
        """See `Screen.dismiss`."""


ScreenOpener = Callable[[], AbstractContextManager[Screen]]


@dataclass(frozen=True, slots=True)
class Patience:
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
        patience: Patience = Patience(),
    ) -> None:
        self._lockers = tuple(lockers)
        self._screen = screen
        self._session_says = session_says
        self._clock = clock
        self._sleep = sleep
        self._patience = patience

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

    def _try_all(self, screen: Screen, tried: list[str]) -> LockReport:
        result, name = LockResult.UNAVAILABLE, ""
        for locker in self._lockers:
            missing = locker.missing()
            if missing:
                tried.append(f"{locker.name}: not available: {missing}")
                continue
            name = locker.name
            result, line = self._attempt(locker, screen)
            tried.append(f"{name}: {line}")
            if result is LockResult.LOCKED:
                return LockReport(result, name, self._clock(), tuple(tried))
        if result is LockResult.UNAVAILABLE:
            tried.append("no locker can be used: install i3lock or xsecurelock, or set response.lockers")
        return LockReport(result, name, 0, tuple(tried))

    def _seen_locked(self, screen: Screen) -> bool | None:
        says = self._session_says()
        if not screen.visible:
            return says
        # Looking for a grab takes one for a moment: only where there is reason to look.
        known = any(screen.is_locker(pid) for pid in screen.covered_by())
        return bool((says or known) and screen.grabbed())

    def _attempt(self, locker: Locker, screen: Screen) -> tuple[LockResult, str]:
        """Fire one locker and watch it; the result, and a line about it."""
        if not self._wait_until_free(screen):
            return LockResult.BLOCKED, "blocked: another program holds the mouse or keyboard (an open menu?)"
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
            if missing and taken_ms >= self._patience.verify_s * 1e3:
                # A locker that holds the screen is left to it, even if it cannot be believed.
                if not screen.grabbed():
                    locker.withdraw()
                return LockResult.FAILED, f"took the request, but after {taken_ms:.0f} ms {missing}"
            self._sleep(self._patience.look_s)

    def _wait_until_free(self, screen: Screen) -> bool:
        """False if somebody holds the screen and does not let go, even when asked to."""
        deadline_ns = self._clock() + int(self._patience.free_s * 1e9)
        asked = False
        while screen.grabbed():
            if self._clock() >= deadline_ns:
                return False
            if not asked:
                screen.dismiss()
                asked = True
            self._sleep(self._patience.look_s)
        return True


def _missing(locker: Locker, screen: Screen) -> str:
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
