"""The icon through GTK: as a status notifier (appindicator) or as an embedded status icon (gtk).

GLib's main loop is run here and not by pystray. Pystray's own takes Ctrl+C away from the program, needs a
notification daemon to start and to end, and forgets a stop that comes before the start.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Sequence
from typing import Any

from agent.ui.backend import NAME, Clicked, Face, NoBackEnd, Painter, load_pystray
from agent.ui.menu import Row

REGISTERED_WITHIN_MS = 1500

Rows = tuple[Row, ...]


class GtkBackend:
    """Shows the icon with pystray's ``gtk`` or ``appindicator`` back-end.

    Parameters
    ----------
    name : str
        ``gtk`` or ``appindicator``.
    clicked : callable
        Told what a click asks for, on the main thread.

    Raises
    ------
    NoBackEnd
        If PyGObject, GTK 3, the indicator library or the display is missing.
    """

    note = ""
    has_menu = True

    def __init__(self, name: str, clicked: Clicked) -> None:
        self.name = name
        pystray, backend = load_pystray(name)
        self._glib, self._gdk = _load_glib()
        self._icon = backend.Icon(NAME)
        self._painter = Painter(self._icon, pystray, clicked)
        self._loop = self._glib.MainLoop()
        self._faces: queue.SimpleQueue[Face | None] = queue.SimpleQueue()
        self._embedded = False
        self._unwanted = False

    def run(self, face: Face) -> None:
        """Show `face` and run GLib's main loop. Main thread."""
        # GDK ends the whole program at an X error, and a panel that crashes causes one.
        self._gdk.error_trap_push()
        self._watch()
        self._painter.put(face)
        self._icon.visible = True
        self._glib.idle_add(self._take)
        self._loop.run()
        self._icon.visible = False
        self._finish()
        self._gdk.error_trap_pop_ignored()
        if self._unwanted:
            raise NoBackEnd("appindicator: no panel here takes status notifiers")

    def show(self, face: Face) -> None:
        """Show `face` from now on. Any thread."""
        self._faces.put(face)
        self._glib.idle_add(self._take)

    def stop(self) -> None:
        """Make `run` return. Any thread; kept in mind if `run` has not begun."""
        self._faces.put(None)
        self._glib.idle_add(self._take)

    def _watch(self) -> None:
        """DesktopNotice a panel that does not want the icon, or has dropped it."""
        if self.name == "gtk":
            self._icon._status_icon.connect("notify::embedded", self._embedding)
        else:
            self._glib.timeout_add(REGISTERED_WITHIN_MS, self._registered)

    def _embedding(self, status_icon: Any, _: Any) -> None:
        """End the loop when a panel takes the icon with it: GTK does not dock a lost icon again."""
        lost = self._embedded and not status_icon.is_embedded()
        self._embedded = status_icon.is_embedded()
        if lost:
            self._loop.quit()

    def _registered(self) -> bool:
        """End the loop where nobody took the notifier: the library's own stand-in dies with its panel."""
        if not self._icon._appindicator.get_property("connected"):
            self._unwanted = True
            self._loop.quit()
        return False

    def _take(self) -> bool:
        """Draw the newest face that waits. Loop thread; False, so that GLib calls once per request."""
        newest = None
        while not self._faces.empty():
            newest = self._faces.get()
            if newest is None:
                self._loop.quit()
                return False
        if newest is not None:
            self._put(newest)
        return False

    def _put(self, face: Face) -> None:
        shown = self._painter.shown
        # A menu that is open would close if it were replaced: as long as only texts differ, only they change.
        same = shown is not None and retext(self._items(), shown.rows, face.rows, self._bold)
        self._painter.put(face, menu=not same)

    def _items(self) -> Sequence[Any]:
        """The entries of the menu, none as long as pystray's loop has not made it."""
        menu = getattr(self._icon, "_menu_handle", None)
        return () if menu is None else menu.get_children()

    def _bold(self, item: Any, text: str) -> None:
        item.get_child().set_markup(f"<b>{self._glib.markup_escape_text(text)}</b>")

    def _finish(self) -> None:
        """Let GTK take the icon off the panel, then remove the picture's temporary file."""
        context = self._glib.MainContext.default()
        while context.pending():
            context.iteration(False)
        self._icon._remove_fs_icon()


def retext(items: Sequence[Any], old: Rows, new: Rows, embolden: Callable[[Any, str], None]) -> bool:
    """Bring the texts of a menu from `old` to `new`.

    Returns
    -------
    bool
        False, and nothing is changed, where more than texts differ or `items` are not the entries of `old`: the
        menu is made later than it is asked for.
    """
    if _shape(old) != _shape(new) or len(items) != len(old):
        return False
    for item, before, after in zip(items, old, new, strict=True):
        if before == after:
            continue
        if after.default:
            embolden(item, after.text)
        else:
            item.set_label(after.text)
    return True


def _shape(rows: Rows) -> tuple[tuple[bool, Any, bool, bool], ...]:
    """What must stay the same for the texts alone to be changed."""
    return tuple((not row.text, row.action, row.enabled, row.default) for row in rows)


def _load_glib() -> tuple[Any, Any]:
    """GLib and GDK of PyGObject, in the versions that pystray has asked for by now."""
    try:
        from gi.repository import Gdk, GLib
    except ImportError as error:
        raise NoBackEnd(f"PyGObject: {error}") from error
    return GLib, Gdk
