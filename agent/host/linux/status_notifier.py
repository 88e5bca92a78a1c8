"""Status notifier item: an icon with a menu in panels that take such items, over D-Bus alone, without GTK or GObject.

org.kde.StatusNotifierItem and com.canonical.dbusmenu, as KDE, swaybar, waybar and GNOME's extensions read them.
"""

from __future__ import annotations

import logging
import queue
import select
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from jeepney import (
    DBusAddress,
    HeaderFields,
    MatchRule,
    Message,
    MessageType,
    message_bus,
    new_error,
    new_method_call,
    new_method_return,
    new_signal,
)

from agent.host.linux.bus import SESSION
from agent.host.linux.dbus_menu import MENU_INTERFACE, DbusMenu, MenuLine
from agent.host.linux.jeepney_bus import JeepneyBus
from agent.host.linux.jeepney_conversation import as_bus_error
from agent.host.wakeup import Wakeup

ITEM: Final = "org.kde.StatusNotifierItem"
WATCHER: Final = "org.kde.StatusNotifierWatcher"
_ITEM_PATH: Final = "/StatusNotifierItem"
_MENU_PATH: Final = "/MenuBar"
_PROPERTIES: Final = "org.freedesktop.DBus.Properties"
_WATCHER_ADDRESS: Final = DBusAddress("/StatusNotifierWatcher", bus_name=WATCHER, interface=WATCHER)
_CALL_S: Final = 1.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NotifierFace:
    """What the icon shows.

    Attributes
    ----------
    pixmaps : tuple
        Width, height and pixels, four bytes each: alpha, red, green, blue; one entry a size.
    tooltip : str
    lines : tuple of MenuLine
    default : int
        The line that a click on the icon stands for; -1 for none.
    """

    pixmaps: tuple[tuple[int, int, bytes], ...]
    tooltip: str
    lines: tuple[MenuLine, ...]
    default: int = -1


class StatusNotifierItem:
    """One item. `run` and what it calls on one thread; `show` and `stop` from any.

    Parameters
    ----------
    bus : JeepneyBus
    chosen : callable
        Called with the number of the line that was chosen, on the thread of `run`.
    """

    def __init__(self, bus: JeepneyBus, chosen: Callable[[int], None]) -> None:
        self._bus = bus
        self._chosen = chosen
        self._menu = DbusMenu()
        self._face = NotifierFace((), "", ())
        self._faces: queue.SimpleQueue[NotifierFace | None] = queue.SimpleQueue()
        self._wakeup = Wakeup()
        self._connection: Any = None
        self.is_taken = False

    def open(self) -> None:
        """Connect, and offer the icon to the panel that is there now.

        Raises
        ------
        BusError
            If there is no session bus.
        """
        with as_bus_error(SESSION):
            self._connection = self._bus.connect(SESSION)
            rule = MatchRule(type="signal", interface="org.freedesktop.DBus", member="NameOwnerChanged")
            rule.add_arg_condition(0, WATCHER)
            self._connection.send_and_get_reply(message_bus.AddMatch(rule), timeout=_CALL_S)
        self._register()

    def run(self, face: NotifierFace) -> None:
        """Show `face` and answer the panel until `stop`.

        Raises
        ------
        BusError
            If the bus goes away.
        """
        self._face = face
        self._menu.show(face.lines)
        try:
            with as_bus_error(SESSION):
                while self._serve_waiting():
                    ready, _, _ = select.select([self._connection.sock, self._wakeup], [], [])
                    if self._wakeup in ready and not self._take_faces():
                        return
        finally:
            self._connection.close()

    def show(self, face: NotifierFace) -> None:
        """Show `face` from now on."""
        self._faces.put(face)
        self._wakeup.wake()

    def stop(self) -> None:
        """Make `run` return."""
        self._faces.put(None)
        self._wakeup.wake()

    def _register(self) -> None:
        """Offer the icon to the panels' watcher; where there is none, one that comes is told of."""
        name = new_method_call(
            _WATCHER_ADDRESS, "RegisterStatusNotifierItem", "s", (self._connection.unique_name,)
        )
        try:
            reply = self._connection.send_and_get_reply(name, timeout=_CALL_S)
        except TimeoutError:
            self.is_taken = False
            return
        self.is_taken = reply.header.message_type is MessageType.method_return

    def _take_faces(self) -> bool:
        """Show the newest face that waits; False after a stop."""
        self._wakeup.drain()
        newest = None
        while not self._faces.empty():
            newest = self._faces.get()
            if newest is None:
                return False
        if newest is not None:
            before, self._face = self._face, newest
            if before.pixmaps != newest.pixmaps:
                self._signal(_ITEM_PATH, ITEM, "NewIcon")
            if before.tooltip != newest.tooltip:
                self._signal(_ITEM_PATH, ITEM, "NewToolTip")
            if self._menu.show(newest.lines):
                self._signal(_MENU_PATH, MENU_INTERFACE, "LayoutUpdated", "ui", (self._menu.revision, 0))
        return True

    def _signal(self, path: str, interface: str, name: str, *what: Any) -> None:
        self._connection.send(new_signal(DBusAddress(path, interface=interface), name, *what))

    def _serve_waiting(self) -> bool:
        """Answer every message that has arrived."""
        while True:
            try:
                message = self._connection.receive(timeout=0)
            except TimeoutError:
                return True
            if message.header.message_type is MessageType.method_call:
                self._connection.send(self._reply(message))
            elif message.header.fields.get(HeaderFields.member) == "NameOwnerChanged" and message.body[2:]:
                self.is_taken = False
                if message.body[2]:
                    self._register()

    def _reply(self, message: Message) -> Message:
        fields = message.header.fields
        path, member = fields.get(HeaderFields.path, ""), fields.get(HeaderFields.member, "")
        try:
            answer = self._answer(path, fields.get(HeaderFields.interface, ""), member, tuple(message.body))
        except (ValueError, TypeError, IndexError, KeyError) as why:
            _log.info("a panel asked for %s in a way that is not understood: %s", member, why)
            answer = None
        if answer is None:
            return new_error(message, "org.freedesktop.DBus.Error.UnknownMethod")
        return new_method_return(message, answer[0] or None, answer[1])

    def _answer(
        self, path: str, interface: str, member: str, body: tuple[Any, ...]
    ) -> tuple[str, tuple[Any, ...]] | None:
        if interface == _PROPERTIES:
            properties = self._menu.properties() if path == _MENU_PATH else self._properties()
            if member == "GetAll":
                return "a{sv}", (properties,)
            return ("v", (properties[body[1]],)) if member == "Get" else None
        if path == _MENU_PATH:
            for number in self._menu.chosen(member, body):
                self._chosen(number)
            return self._menu.answer(member, body)
        if member == "Activate" and self._face.default >= 0:
            self._chosen(self._face.default)
        return ("", ()) if member in ("Activate", "SecondaryActivate", "ContextMenu", "Scroll") else None

    def _properties(self) -> dict[str, tuple[str, Any]]:
        pixmaps = [(width, height, pixels) for width, height, pixels in self._face.pixmaps]
        return {
            "Category": ("s", "ApplicationStatus"),
            "Id": ("s", "steadyhand"),
            "Title": ("s", "Steadyhand"),
            "Status": ("s", "Active"),
            "WindowId": ("i", 0),
            "IconName": ("s", ""),
            "IconPixmap": ("a(iiay)", pixmaps),
            "ToolTip": ("(sa(iiay)ss)", ("", [], "Steadyhand", self._face.tooltip)),
            "ItemIsMenu": ("b", False),
            "Menu": ("o", _MENU_PATH),
        }
