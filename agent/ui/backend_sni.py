"""The icon as a status notifier item over D-Bus: for Wayland panels, and where PyGObject is missing."""

from __future__ import annotations

import os
from collections.abc import Mapping

from agent.host.linux.bus import BusError
from agent.host.linux.dbus_menu import MenuLine
from agent.host.linux.jeepney_bus import JeepneyBus
from agent.host.linux.status_notifier import NotifierFace, StatusNotifierItem
from agent.runtime.status.snapshot import State
from agent.ui.backend import Clicked, Face, NoBackEnd
from agent.ui.icons import icon
from agent.ui.menu import Row

_SIDES_PX = (22, 24, 32, 48)


class SniBackend:
    """Shows the icon without GTK.

    Parameters
    ----------
    clicked : callable
        Told what a click asks for, on the thread of `run`.
    waits : bool
        True to wait for a panel that comes later, where no other way is left.
    environ : mapping
        Names the session bus.

    Raises
    ------
    NoBackEnd
        If there is no session bus, or, unless it waits, no panel that takes such icons.
    """

    name = "statusnotifier"
    note = ""

    def __init__(self, clicked: Clicked, *, waits: bool, environ: Mapping[str, str] = os.environ) -> None:
        self._clicked = clicked
        self._rows: tuple[Row, ...] = ()
        self._pixmaps: tuple[State | None, tuple[tuple[int, int, bytes], ...]] = (None, ())
        self._item = StatusNotifierItem(JeepneyBus(environ), self._choose)
        try:
            self._item.open()
        except BusError as error:
            raise NoBackEnd(f"statusnotifier: {error}") from error
        if not waits and not self._item.is_taken:
            raise NoBackEnd("statusnotifier: no panel here takes status notifiers")

    @property
    def has_menu(self) -> bool:
        """True while a panel shows the icon, and with it the menu."""
        return self._item.is_taken

    def run(self, face: Face) -> None:
        """See `TrayBackend.run`."""
        try:
            self._item.run(self._drawn(face))
        except BusError as error:
            raise NoBackEnd(f"statusnotifier: {error}") from error

    def show(self, face: Face) -> None:
        """See `TrayBackend.show`."""
        self._item.show(self._drawn(face))

    def stop(self) -> None:
        """See `TrayBackend.stop`."""
        self._item.stop()

    def _drawn(self, face: Face) -> NotifierFace:
        self._rows = face.rows
        if self._pixmaps[0] is not face.state:
            self._pixmaps = (face.state, tuple(pixmap(face.state, side_px) for side_px in _SIDES_PX))
        lines = tuple(MenuLine(row.text, row.enabled) for row in face.rows)
        default = next((number for number, row in enumerate(face.rows) if row.default), -1)
        return NotifierFace(self._pixmaps[1], face.tooltip, lines, default)

    def _choose(self, number: int) -> None:
        rows = self._rows
        action = rows[number].action if number < len(rows) else None
        if action is not None:
            self._clicked(action)


def pixmap(state: State, side_px: int) -> tuple[int, int, bytes]:
    """A state's icon as panels take it: width, height, and four bytes a pixel: alpha, red, green, blue."""
    red, green, blue, alpha = icon(state, side_px).convert("RGBA").split()
    pixels = bytearray(4 * side_px * side_px)
    for place, channel in enumerate((alpha, red, green, blue)):
        pixels[place::4] = channel.tobytes()
    return side_px, side_px, bytes(pixels)
