"""Desktop notifications over D-Bus (Desktop Notifications Specification 1.2), with buttons."""

from __future__ import annotations

import logging
from typing import Any, Final

from agent.engine.visible_text import visible, visible_markup
from agent.host.linux.bus import BusError, ConversingBus, single
from agent.host.linux.notice_buttons import NOTIFICATIONS, NoticeButtons
from agent.host.notifier import NoticeButton

_NORMAL: Final = 1
_CRITICAL: Final = 2
_SERVER_DECIDES: Final = -1
# The package's icon is that of the desktop entry: a tick, which nothing urgent may carry.
_OWN_ICON: Final = ""
_WARNING_ICON: Final = "dialog-warning"
# It takes actions, and shows none of them: they are invoked by a command of its own.
_WITHOUT_BUTTONS: Final = ("mako",)

_log = logging.getLogger(__name__)


class DesktopNotifier:
    """`ButtonNotifier` for every desktop that follows the notifications specification.

    Parameters
    ----------
    bus : ConversingBus
    """

    def __init__(self, bus: ConversingBus) -> None:
        self._bus = bus
        self._buttons = NoticeButtons(bus)
        self._numbers: dict[str, int] = {}

    def has_buttons(self) -> bool:
        """See `ButtonNotifier.has_buttons`."""
        try:
            if "actions" not in single(self._bus.call(NOTIFICATIONS, "GetCapabilities"), list):
                return False
            server = self._bus.call(NOTIFICATIONS, "GetServerInformation")
            return bool(server) and server[0] not in _WITHOUT_BUTTONS
        except BusError as why:
            _log.info("the notification service does not say what it can do: %s", why)
            return False

    def show(self, title: str, text: str, *, urgent: bool = False, replaces: str = "") -> bool:
        """See `Notifier.show`. The text may hold no markup: it is shown as it is."""
        message = self._message(title, text, (), urgent=urgent, replaces=replaces)
        try:
            number = self._buttons.notify(message)
        except BusError as why:
            _log.info("notification not shown: %s", why)
            return False
        self._remember(replaces, number)
        return True

    def show_with_button(
        self, title: str, text: str, button: NoticeButton, *, urgent: bool = False, replaces: str = ""
    ) -> bool:
        """See `ButtonNotifier.show_with_button`."""
        message = self._message(title, text, self._buttons.actions(button), urgent=urgent, replaces=replaces)
        try:
            number = self._buttons.notify(message, button)
        except BusError as why:
            _log.info("notification not shown with a button: %s", why)
            return False
        self._remember(replaces, number)
        return True

    def _message(
        self, title: str, text: str, actions: tuple[str, ...], *, urgent: bool, replaces: str
    ) -> tuple[Any, ...]:
        hints: dict[str, tuple[str, int | str]] = {
            "urgency": ("y", _CRITICAL if urgent else _NORMAL),
            "desktop-entry": ("s", "steadyhand"),
        }
        shown, before = visible_markup(text, quotes=False), self._numbers.get(replaces, 0)
        icon = _WARNING_ICON if urgent else _OWN_ICON
        return ("Steadyhand", before, icon, visible(title), shown, list(actions), hints, _SERVER_DECIDES)

    def _remember(self, replaces: str, number: int) -> None:
        if replaces:
            self._numbers[replaces] = number
