"""Notifier by the tray icon, for desktops whose notifications belong to an icon (Windows)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from agent.host.notifier import NoticeButton

MOST_TITLE: Final = 63
MOST_TEXT: Final = 255
"""What NOTIFYICONDATAW holds of each (learn.microsoft.com), without the zero behind it."""

_log = logging.getLogger(__name__)


class TrayNotifier:
    """`ButtonNotifier` without buttons and `IconNotifier`; shows nothing before an icon is attached.

    A later message takes the place of the one before, whatever it is about: an icon shows one at a time.
    """

    def __init__(self) -> None:
        self._show: Callable[[str, str], None] | None = None

    def attach(self, show: Callable[[str, str], None]) -> None:
        """See `IconNotifier.attach`."""
        self._show = show

    def has_buttons(self) -> bool:
        """See `ButtonNotifier.has_buttons`."""
        return False

    def show_with_button(
        self, title: str, text: str, button: NoticeButton, *, urgent: bool = False, replaces: str = ""
    ) -> bool:
        """See `ButtonNotifier.show_with_button`: shown without it."""
        return self.show(title, text, urgent=urgent, replaces=replaces)

    def show(self, title: str, text: str, *, urgent: bool = False, replaces: str = "") -> bool:
        """See `Notifier.show`. Long texts are cut: what helps stands first in them."""
        if self._show is None:
            return False
        try:
            self._show(cut(title, MOST_TITLE), cut(text, MOST_TEXT))
        except OSError as why:
            _log.warning("the notification %r was not shown: %s", title, why)
            return False
        return True


def cut(text: str, most: int) -> str:
    """`text` in at most `most` UTF-16 units, cut at a word, with an ellipsis."""
    if _units(text) <= most:
        return text
    while _units(text) > most - 2:
        shorter = text.rpartition(" ")[0]
        text = shorter or text[:-1]
    return f"{text} …"


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
