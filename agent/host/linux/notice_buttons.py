"""Notice buttons: shows notifications on a connection that stays open, and calls what is pressed on them.

Some desktops send the press to the connection that showed the notification and to no other. GNOME takes the
notifications of a program that it knows away as soon as the connection that showed them is closed, buttons or not.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any, Final

from agent.engine.visible_text import visible
from agent.host.linux.bus import SESSION, BusError, Conversation, ConversingBus, Service, Signal, single
from agent.host.notifier import NoticeButton

NOTIFICATIONS: Final = Service(
    SESSION,
    "org.freedesktop.Notifications",
    "/org/freedesktop/Notifications",
    "org.freedesktop.Notifications",
)
ACTION: Final = "steadyhand-button"
_RULES: Final = [{"interface": NOTIFICATIONS.interface, "path": NOTIFICATIONS.path}]

_log = logging.getLogger(__name__)


class NoticeButtons:
    """The notifications on the screen, with a button or without. Any thread.

    The connection, and the thread that reads it, begin with the first one and last until none is on the screen.

    Parameters
    ----------
    bus : ConversingBus
    """

    def __init__(self, bus: ConversingBus) -> None:
        self._bus = bus
        self._lock = threading.Lock()
        self._conversation: Conversation | None = None
        self._pressed: dict[int, Callable[[], None] | None] = {}

    @staticmethod
    def actions(button: NoticeButton) -> tuple[str, ...]:
        """The button as the specification lists it: key, label."""
        return (ACTION, visible(button.label))

    def notify(self, message: tuple[Any, ...], button: NoticeButton | None = None) -> int:
        """Show `message`, the arguments of ``Notify``, with the button that it lists; its number. Raises `BusError`."""
        with self._lock:
            conversation = self._conversation or self._begin()
        try:
            # Not under the lock: the thread that reads the answer may wait for it.
            number = single(conversation.call(NOTIFICATIONS, "Notify", "susssasa{sv}i", *message), int)
        except BusError:
            # A service that was started again knows nothing of the old connection.
            with self._lock:
                self._end(conversation)
            raise
        with self._lock:
            self._pressed[number] = button.pressed if button else None
        return number

    def _begin(self) -> Conversation:
        conversation = self._conversation = self._bus.converse(SESSION, _RULES)
        threading.Thread(
            target=self._read, args=(conversation,), name="steadyhand-buttons", daemon=True
        ).start()
        return conversation

    def _end(self, conversation: Conversation) -> None:
        if self._conversation is conversation:
            self._conversation = None
            self._pressed.clear()
        conversation.close()

    def _read(self, conversation: Conversation) -> None:
        try:
            for signal in conversation.signals():
                self._take(conversation, signal)
        except BusError as why:
            _log.info("buttons of notifications: %s", why)
        with self._lock:
            self._end(conversation)

    def _take(self, conversation: Conversation, signal: Signal) -> None:
        match signal.member, signal.body:
            case "ActionInvoked", (int() as number, str() as action) if action == ACTION:
                with self._lock:
                    pressed = self._pressed.get(number)
                    if number in self._pressed:
                        self._pressed[number] = None
                if pressed is not None:
                    pressed()
            case "NotificationClosed", (int() as number, int()):
                with self._lock:
                    self._pressed.pop(number, None)
                    if not self._pressed:
                        self._end(conversation)
