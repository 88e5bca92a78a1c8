"""The icon on Windows and macOS, by pystray's own loop: run under Wine, and on neither of the two systems."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

from agent.ui.backend import NAME, Clicked, Face, Painter, load_pystray
from agent.ui.menu import Row
from agent.ui.open_menu import OpenMenu

# Pystray answers every message that it does not know with 0, which here means that the session must not end.
_QUERY_END_SESSION: Final = 0x0011
# What pystray has Windows send for its icon: WM_USER + 11.
_ICON_NOTIFIES: Final = 0x040B


def call_here(work: Callable[[], None]) -> None:
    """Windows: pystray's setters may be called from any thread."""
    work()


def call_on_main(work: Callable[[], None]) -> None:
    """macOS: AppKit must be touched from the main thread alone."""
    import_module("PyObjCTools.AppHelper").callAfter(work)


class NativeBackend:
    """Shows the icon with pystray's ``win32`` or ``darwin`` back-end.

    Parameters
    ----------
    name : str
        ``win32`` or ``darwin``.
    clicked : callable
        Told what a click asks for, on the loop's thread.
    on_loop : callable
        Calls its argument where the icon may be touched.

    Raises
    ------
    NoBackEnd
        If pystray cannot be imported with that back-end.
    """

    note = ""
    has_menu = True

    def __init__(self, name: str, clicked: Clicked, on_loop: Callable[[Callable[[], None]], None]) -> None:
        self.name = name
        pystray, backend = load_pystray(name)
        self._icon: Any = backend.Icon(NAME)
        self._painter = Painter(self._icon, pystray, clicked)
        self._menu = OpenMenu(self._put_menu)
        if name == "win32":
            handlers = self._icon._message_handlers
            handlers[_QUERY_END_SESSION] = _allow
            handlers[_ICON_NOTIFIES] = self._menu.watched(handlers[_ICON_NOTIFIES])
        self._on_loop = on_loop
        self._running = False
        self._stopped = False

    def run(self, face: Face) -> None:
        """Show `face` and run the system's event loop. Main thread."""
        self._put(face)
        self._icon.run(setup=self._started)

    def show(self, face: Face) -> None:
        """Show `face` from now on. Any thread."""
        self._on_loop(lambda: self._put(face))

    def notify(self, title: str, text: str) -> None:
        """Show a notification beside the icon. Any thread.

        Raises
        ------
        OSError
            If the system does not show it.
        """
        if not self._running or self._stopped:
            raise OSError("there is no icon to show it beside")
        self._icon.notify(text, title)

    def stop(self) -> None:
        """Make `run` return. Any thread; kept in mind if `run` has not begun."""
        self._stopped = True
        if self._running:
            self._icon.stop()

    def _put(self, face: Face) -> None:
        self._painter.put(face, menu=False)
        self._menu.show(face.rows)

    def _put_menu(self, rows: tuple[Row, ...]) -> None:
        self._icon.menu = self._painter.menu(rows)

    def _started(self, icon: Any) -> None:
        """Pystray calls this from a thread of its own once its loop runs."""
        self._running = True
        if self._stopped:
            icon.stop()
        else:
            icon.visible = True


def _allow(_wparam: int, _lparam: int) -> int:
    """The answer to WM_QUERYENDSESSION: the agent ends when Windows says that it is the end."""
    return 1
