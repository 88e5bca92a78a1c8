"""The icon through plain X: no menu and no notifications, but nothing to install.

The event loop is run here and not by pystray. Pystray talks to one X connection from several threads, which
now and then leaves `stop` waiting for ever; here only the loop's thread touches the connection, and others
wake it through a pair of sockets. Beside that it notices clicks, a panel that starts later or again, and what
is around the icon, none of which pystray does on X.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import select
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

from PIL import Image

from agent.host.wakeup import Wakeup
from agent.language.language import mark
from agent.ui.backend import NAME, Clicked, Face, NoBackEnd, Painter, load_pystray
from agent.ui.icons import LEAST_PX, MOST_PX, icon

NO_MENU = mark(
    "The tray icon has no menu: clicking it opens the status page. Install python3-gi and "
    "gir1.2-ayatanaappindicator3-0.1 for a menu."
)

Colour = tuple[int, int, int]
BLACK: Colour = (0, 0, 0)


class XorgBackend:
    """Shows the icon with pystray's ``xorg`` back-end: the docking and drawing are pystray's.

    Parameters
    ----------
    clicked : callable
        Told what a click asks for, on the main thread.

    Raises
    ------
    NoBackEnd
        If there is no X display.
    """

    name = "xorg"
    note = NO_MENU
    has_menu = False

    def __init__(self, clicked: Clicked) -> None:
        pystray, self._x = _load()
        self._icon = self._x.Icon(NAME)
        self._display = self._icon._display
        self._window = self._icon._window
        self._painter = Painter(self._icon, pystray, clicked)
        self._faces: queue.SimpleQueue[Face | None] = queue.SimpleQueue()
        self._wakeup = Wakeup()
        self._prepare()

    def _prepare(self) -> None:
        mask = self._x.Xlib.X
        self._icon._assert_icon_data = self._compose
        # Pystray logs a traceback while no panel is there. That is no error: the icon docks when one starts.
        self._icon._log = logging.Logger("pystray on X", level=logging.CRITICAL)
        self._window.change_attributes(
            event_mask=mask.ExposureMask | mask.StructureNotifyMask | mask.ButtonPressMask
        )
        # A panel that starts tells so on the root window.
        self._display.screen().root.change_attributes(event_mask=mask.StructureNotifyMask)
        self._display.set_error_handler(_log_x_error)
        self._manager = self._display.intern_atom("MANAGER")

    def run(self, face: Face) -> None:
        """Show `face` and handle X's events. Main thread."""
        self._icon._thread = threading.current_thread()
        try:
            self._painter.put(face)
            self._icon.visible = True
            for event in self._events():
                if self._is_lost(event):
                    return
                self._handle(event)
        except self._x.Xlib.error.ConnectionClosedError as error:
            raise NoBackEnd(f"xorg: the display has gone ({error})") from error
        finally:
            self._close()

    def show(self, face: Face) -> None:
        """Show `face` from now on. Any thread."""
        self._faces.put(face)
        self._wakeup.wake()

    def stop(self) -> None:
        """Make `run` return. Any thread."""
        self._faces.put(None)
        self._wakeup.wake()

    def _events(self) -> Iterator[Any]:
        """X's events until `stop`; new faces are drawn in between."""
        while True:
            # Flushing may receive as well: nothing may touch the display between the look at what waits and
            # the sleep, or an event that has been read already would be slept over.
            self._display.flush()
            if self._display.pending_events():
                yield self._display.next_event()
                continue
            ready, _, _ = select.select((self._display.fileno(), self._wakeup), [], [])
            if self._wakeup in ready:
                self._wakeup.drain()
                if not self._take():
                    return

    def _take(self) -> bool:
        """Draw the newest face that waits; False after a stop."""
        newest = None
        while not self._faces.empty():
            newest = self._faces.get()
            if newest is None:
                return False
        if newest is not None:
            self._painter.put(newest)
        return True

    def _is_lost(self, event: Any) -> bool:
        return bool(event.type == self._x.Xlib.X.DestroyNotify and event.window == self._window)

    def _handle(self, event: Any) -> None:
        x = self._x.Xlib.X
        if event.type == x.ClientMessage and event.client_type == self._manager:
            if event.data[1][1] == self._icon._net_system_tray_sx:
                self._icon._update_icon()
        elif event.type == x.DestroyNotify and self._icon._systray_manager is None:
            return
        else:
            handler = self._icon._message_handlers.get(event.type)
            if handler is not None:
                handler(event)

    def _compose(self, width: int, height: int) -> None:
        """Draw for this size, on the panel's colour; pystray would draw on black."""
        if self._painter.shown is None:
            return
        side = min(width, height, MOST_PX)
        picture: Any = Image.new("RGB", (width, height), self._panel_colour())
        if side >= LEAST_PX:
            drawn = icon(self._painter.shown.state, side)
            picture.paste(drawn, ((width - side) // 2, (height - side) // 2), drawn)
        self._icon._icon_data = picture
        # python-xlib asks for a method that Pillow has renamed.
        picture.tostring = picture.tobytes

    def _panel_colour(self) -> Colour:
        """The panel's colour just outside the icon; black where X does not give it.

        What is behind the icon itself cannot be asked for: panels that composite their tray do not have it.
        """
        errors = self._x.Xlib.error
        try:
            return _colour_around(self._window, self._x.Xlib.X.ZPixmap)
        except (errors.BadMatch, errors.BadDrawable, errors.BadWindow):
            return BLACK

    def _close(self) -> None:
        self._wakeup.close()
        with contextlib.suppress(self._x.Xlib.error.ConnectionClosedError):
            self._display.close()
        # Pystray closes it once more when the icon is collected, and python-xlib raises on that.
        self._icon._display = contextlib.ExitStack()


def _load() -> tuple[Any, Any]:
    """Pystray and its xorg back-end, which opens the display when it is imported."""
    try:
        from Xlib.error import DisplayError
    except ImportError as error:
        raise NoBackEnd(f"xorg: {error}") from error
    try:
        return load_pystray("xorg")
    except DisplayError as error:
        raise NoBackEnd(f"xorg: {error}") from error


def _colour_around(window: Any, z_pixmap: int) -> Colour:
    """The commonest colour beside the four sides of `window`, in the first ancestor that has room there."""
    own = window.get_geometry()
    left, top = 0, 0
    while (parent := window.query_tree().parent) and parent.query_tree().parent:
        place, room = window.get_geometry(), parent.get_geometry()
        left, top = left + place.x, top + place.y
        middle_x, middle_y = left + own.width // 2, top + own.height // 2
        sides = ((left - 1, middle_y), (left + own.width, middle_y))
        ends = ((middle_x, top - 1), (middle_x, top + own.height))
        inside = [(x, y) for x, y in (*sides, *ends) if 0 <= x < room.width and 0 <= y < room.height]
        if inside:
            seen = Counter(parent.get_image(x, y, 1, 1, z_pixmap, 0xFFFFFFFF).data[:3] for x, y in inside)
            blue, green, red = seen.most_common(1)[0][0]
            return red, green, blue
        window = parent
    return BLACK


def _log_x_error(error: Any, request: Any) -> None:
    """X tells of a window that vanished under our hands; the loop goes on."""
    logging.getLogger(__name__).debug("X error: %s", error)
