"""The contracts of locking: what a locker does, and what can be seen of the screen."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol


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
        True where it is asked for a lock, and may be asked again at any time; False for a program that is started.
    takes : bool
        True where it takes the screen also from a program that holds it (an open menu), and covers it only
        once it has.
    """

    @property
    def name(self) -> str: ...

    @property
    def tells(self) -> bool: ...

    @property
    def takes(self) -> bool: ...

    def missing(self) -> str:
        """Why it cannot be used here; empty if it can. May block 200 ms."""

    def fire(self) -> None:
        """Ask for the lock, without waiting for it. Raises `LockerError`."""

    def died(self) -> str:
        """Why it cannot succeed any more (its process ended); empty while it can."""

    def says_locked(self) -> bool | None:
        """The word of the locker's own process, or of the system; None where there is none. May block 200 ms.

        Never what programs of the session say: those can be anybody's.
        """

    def withdraw(self) -> None:
        """Take back a request that did not succeed in time."""


class ScreenView(Protocol):
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
        """The live processes, other than this one, whose windows cover the whole screen.

        Windows that are mapped, can show something and belong to no window manager.
        """

    def is_locker(self, pid: int) -> bool:
        """True where the process runs a known locker's program that root alone could have written."""

    def dismiss(self) -> None:
        """Ask an open menu to close."""


class NoScreen:
    """The screen where nothing can be seen of it."""

    visible = False

    def grabbed(self) -> bool:
        """See `ScreenView.grabbed`."""
        return False

    def covered_by(self) -> frozenset[int]:
        """See `ScreenView.covered_by`."""
        return frozenset()

    def is_locker(self, pid: int) -> bool:
        """See `ScreenView.is_locker`."""
        return False

    def dismiss(self) -> None:
        """See `ScreenView.dismiss`."""


ScreenOpener = Callable[[], AbstractContextManager[ScreenView]]
