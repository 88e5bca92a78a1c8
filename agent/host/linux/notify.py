"""Desktop notifications over D-Bus."""

from __future__ import annotations

import logging
from html import escape
from typing import Final

from agent.engine.visible_text import visible
from agent.host.linux.bus import SESSION, Bus, BusError, Service, single

_NOTIFICATIONS: Final = Service(
    SESSION,
    "org.freedesktop.Notifications",
    "/org/freedesktop/Notifications",
    "org.freedesktop.Notifications",
)
_NORMAL: Final = 1
_CRITICAL: Final = 2
_SERVER_DECIDES: Final = -1

_log = logging.getLogger(__name__)


class DesktopNotifier:
    """`Notifier` for every desktop that follows the notifications specification."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._numbers: dict[str, int] = {}

    def show(self, title: str, text: str, *, urgent: bool = False, replaces: str = "") -> bool:
        """See `Notifier.show`. The text may hold no markup: it is shown as it is."""
        hints: dict[str, tuple[str, int | str]] = {
            "urgency": ("y", _CRITICAL if urgent else _NORMAL),
            "desktop-entry": ("s", "steadyhand"),
        }
        shown, no_actions = escape(visible(text), quote=False), list[str]()
        before = self._numbers.get(replaces, 0)
        message = ("Steadyhand", before, "", visible(title), shown, no_actions, hints, _SERVER_DECIDES)
        try:
            number = single(self._bus.call(_NOTIFICATIONS, "Notify", "susssasa{sv}i", *message), int)
        except BusError as why:
            _log.info("notification not shown: %s", why)
            return False
        if replaces:
            self._numbers[replaces] = number
        return True
