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
# Who answers late once has not said that the lock is gone.
_MOST_UNKNOWN: Final = 2

_BLOCKED: Final = (
    LockResult.BLOCKED,
    "blocked: another program holds the mouse or keyboard (an open menu?)",
    0,
)


@dataclass(frozen=True, slots=True)
class LockTimeouts:
    """How long each step may take, in seconds.

    Attributes
    ----------
    verify_s : float
        From the request until the lock must be seen.
    free_s : float
        For a program that holds the screen to let go of it.
    settle_s : float
        For which a lock that was seen must hold: one that is lost before that was none.
    look_s : float
        Between two looks.
    """

    verify_s: float = 3.0
    free_s: float = 1.0
    settle_s: float = 0.7
    look_s: float = 0.03


class CheckedLock:
    """A `ScreenLock` over several lockers.

    A lock is believed when, from a screen that nobody had grabbed, pointer and keyboard become grabbed, a
    known locker's process covers the screen or the compositor's own lock screen is shown, and all of that holds for a
    while. Where no screen can be looked at (Wayland, Windows, macOS) the word of the compositor or of the locker's own
    process decides, and lockers of which neither can be had are failures. What programs of the session merely say
    counts nowhere.

    It always fires: a screen that is locked already is asked to lock once more, by those who can be asked so.

    A screen that another program holds (an open menu) is waited for, once, and then only lockers that can
    take it are tried: any other lock could not be told from that program's hold.

    Parameters
    ----------
    lockers : sequence of Locker
        In the order in which they are tried.
    screen : callable
        Opens a look at the screen.
    is_shown : callable
        Whether the compositor's, or the system's, own lock screen is shown; None where nobody who can be trusted says.
    clock, sleep : callable
        Monotonic nanoseconds; sleeping seconds.
    """

    def __init__(
        self,
        lockers: Sequence[Locker],
        screen: ScreenOpener,
        is_shown: Callable[[], bool | None],
        clock: Callable[[], int] = time.monotonic_ns,
        sleep: Callable[[float], None] = time.sleep,
        timeouts: LockTimeouts = LockTimeouts(),
    ) -> None:
        self._lockers = tuple(lockers)
        self._screen = screen
        self._is_shown = is_shown
        self._clock = clock
        self._sleep = sleep
        self._timeouts = timeouts

    def names(self) -> Sequence[str]:
        """See `ScreenLock.names`."""
        usable = [locker for locker in self._lockers if not locker.missing()]
        try:
            with self._screen() as screen:
                blind = self._is_blind(screen)
        except ScreenGone:
            blind = False
        return tuple(locker.name for locker in usable if not (blind and locker.tells))

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
                if self._was_locked(screen):
                    return self._ask_again(screen)
                return self._try_all(screen, tried)
        except ScreenGone as why:
            return LockReport(LockResult.FAILED, "", 0, (*tried, str(why)))

    def _try_all(self, screen: ScreenView, tried: list[str]) -> LockReport:
        outcome, name = LockResult.UNAVAILABLE, ""
        self._wait_until_free(screen)
        blind = self._is_blind(screen)
        # First those that can be believed: the others would cost their time, and the lock comes too late.
        for locker in sorted(self._lockers, key=lambda locker: blind and locker.tells):
            missing = locker.missing()
            if missing:
                tried.append(f"{locker.name}: not available: {missing}")
                continue
            name = locker.name
            free = not screen.grabbed()
            outcome, line, seen_ns = self._attempt(locker, screen) if free or locker.takes else _BLOCKED
            tried.append(f"{name}: {line}")
            if outcome is LockResult.LOCKED:
                return LockReport(outcome, name, seen_ns, tuple(tried))
        if outcome is LockResult.UNAVAILABLE:
            tried.append("no locker can be used: install i3lock or xsecurelock, or set response.lockers")
        return LockReport(outcome, name, 0, tuple(tried))

    def _seen_locked(self, screen: ScreenView) -> bool | None:
        if not screen.visible:
            return self._own_word()
        # Looking for a grab takes one for a moment: only where there is reason to look.
        return bool((_is_covered(screen) or self._is_shown()) and screen.grabbed())

    def _is_blind(self, screen: ScreenView) -> bool:
        """True where nothing can be seen: who is only asked for a lock cannot be believed there."""
        return not screen.visible and self._is_shown() is None

    def _own_word(self) -> bool | None:
        """The word of the compositor or the system, else of a locker that this process started."""
        words = [self._is_shown(), *(locker.says_locked() for locker in self._lockers)]
        known = [word for word in words if word is not None]
        return any(known) if known else None

    def _was_locked(self, screen: ScreenView) -> bool:
        """Whether it is locked now, in more than one look."""
        for _ in range(_LOOKS - 1):
            if not self._seen_locked(screen):
                return False
            self._sleep(self._timeouts.look_s)
        return self._seen_locked(screen) is True

    def _ask_again(self, screen: ScreenView) -> LockReport:
        """Ask those for a lock who take a request at any time; the screen is locked already."""
        tried = ["the screen was locked already"]
        for locker in self._lockers:
            if locker.tells and not locker.missing():
                try:
                    locker.fire()
                except LockerError as why:
                    tried.append(f"{locker.name}: {why}")
        if self._seen_locked(screen):
            return LockReport(LockResult.LOCKED, "", self._clock(), tuple(tried))
        return self._try_all(screen, tried)

    def _attempt(self, locker: Locker, screen: ScreenView) -> tuple[LockResult, str, int]:
        """Fire one locker and watch it; the outcome, a line about it, and when the lock was seen."""
        start_ns = self._clock()
        try:
            locker.fire()
        except LockerError as why:
            return LockResult.FAILED, str(why), 0
        looks, seen_ns, unknown = 0, 0, 0
        while True:
            missing, died, now_ns = self._missing(locker, screen), locker.died(), self._clock()
            taken_ms = (now_ns - start_ns) / 1e6
            if died:
                return LockResult.FAILED, died, 0
            looks = 0 if missing else looks + 1
            if looks == _LOOKS and not seen_ns:
                seen_ns = now_ns
            unknown = unknown + 1 if missing and self._is_blind(screen) else 0
            if missing and seen_ns and unknown > _MOST_UNKNOWN:
                return LockResult.FAILED, f"locked, and not seen any more after {taken_ms:.0f} ms", 0
            if missing and seen_ns and not unknown:
                return LockResult.FAILED, f"locked, and was lost after {taken_ms:.0f} ms: {missing}", 0
            if looks >= _LOOKS and now_ns - seen_ns >= self._timeouts.settle_s * 1e9:
                return LockResult.LOCKED, f"locked, seen after {(seen_ns - start_ns) / 1e6:.0f} ms", seen_ns
            if missing and taken_ms >= self._timeouts.verify_s * 1e3:
                # A locker that holds the screen is left to it, even if it cannot be believed.
                if not screen.grabbed():
                    locker.withdraw()
                return LockResult.FAILED, f"took the request, but after {taken_ms:.0f} ms {missing}", 0
            self._sleep(self._timeouts.look_s)

    def _missing(self, locker: Locker, screen: ScreenView) -> str:
        """What is missing before the lock can be believed; empty when nothing is."""
        if not screen.visible:
            shown = self._is_shown() or locker.says_locked()
            return "" if shown else "no lock screen is shown, by the word of anybody who can be trusted"
        if _is_covered(screen) or self._is_shown():
            return "" if screen.grabbed() else "mouse and keyboard are not held"
        if not screen.covered_by():
            return "no window covers the screen"
        return "no known locker covers the screen"

    def _wait_until_free(self, screen: ScreenView) -> None:
        """Ask whoever holds the screen to let go, and give them a while."""
        if not screen.grabbed():
            return
        screen.dismiss()
        deadline_ns = self._clock() + int(self._timeouts.free_s * 1e9)
        while screen.grabbed() and self._clock() < deadline_ns:
            self._sleep(self._timeouts.look_s)


def _is_covered(screen: ScreenView) -> bool:
    return any(screen.is_locker(pid) for pid in screen.covered_by())
