"""Notifiers: the contract of desktop notifications, with and without a button."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


class Notifier(Protocol):
    """Desktop notifications."""

    def show(self, title: str, text: str, *, urgent: bool = False, replaces: str = "") -> bool:
        """Show one message; False where nobody shows it. Any thread; may block 200 ms.

        Of messages with the same `replaces` only the last is on the screen.
        """


@dataclass(frozen=True, slots=True)
class NoticeButton:
    """A button on a notification.

    Attributes
    ----------
    label : str
    pressed : callable
        Called once when it is pressed, from a thread of the notifier's own: must return at once.
    """

    label: str
    pressed: Callable[[], None]


class ButtonNotifier(Notifier, Protocol):
    """Desktop notifications that may have a button."""

    def has_buttons(self) -> bool:
        """True where the desktop shows buttons on notifications. Any thread; may block 200 ms."""

    def show_with_button(
        self, title: str, text: str, button: NoticeButton, *, urgent: bool = False, replaces: str = ""
    ) -> bool:
        """As `show`, with a button; a later message with the same `replaces` takes the button away."""


@runtime_checkable
class IconNotifier(Protocol):
    """Notifier whose messages belong to the tray icon, and which shows none before it has one."""

    def attach(self, show: Callable[[str, str], None]) -> None:
        """Show messages by `show` (title and text; OSError where it cannot) from now on. Any thread."""
