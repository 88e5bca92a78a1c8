"""The seam between the tray and a desktop's way of showing an icon; and the tray for where there is none."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Any, Protocol

from agent.runtime.status.snapshot import Command, State
from agent.ui.icons import icon
from agent.ui.menu import Page, Row

ICON_PX = 64
NAME = "steadyhand"

Clicked = Callable[[Command | Page], None]


@dataclass(frozen=True, slots=True)
class Face:
    """What the icon shows: two equal faces need no redrawing."""

    state: State
    tooltip: str
    rows: tuple[Row, ...]


class NoBackEnd(Exception):
    """This way of showing an icon does not work here; the message says why."""


class TrayBackend(Protocol):
    """One way of showing an icon. Every click calls `clicked`, on the loop's thread."""

    name: str
    note: str
    """What is degraded with this back-end, and how to mend it; empty where nothing is."""

    @property
    def has_menu(self) -> bool:
        """Whether the icon has a menu now. Any thread."""

    def run(self, face: Face) -> None:
        """Show `face` and stay until `stop`, or until the panel has taken the icon away. Main thread.

        Raises
        ------
        NoBackEnd
            If it turns out not to work.
        """

    def show(self, face: Face) -> None:
        """Show `face` from now on. Any thread, also before `run`; returns at once."""

    def stop(self) -> None:
        """Make `run` return. Any thread, also a signal handler of the main one; returns at once."""


class NoTray:
    """Shows nothing and waits: the main thread's work where no icon can be shown."""

    name = "none"
    has_menu = False

    def __init__(self, note: str = "") -> None:
        self.note = note
        self._stopped: queue.SimpleQueue[None] = queue.SimpleQueue()

    def run(self, face: Face) -> None:
        """Wait for `stop`. Python's signal handlers run meanwhile."""
        self._stopped.get()

    def show(self, face: Face) -> None:
        """Nothing to show it on."""

    def stop(self) -> None:
        """Make `run` return."""
        self._stopped.put(None)


class Painter:
    """Puts faces on a pystray icon, changing only what differs. Loop thread only.

    Parameters
    ----------
    pystray_icon : pystray.Icon
        Of any back-end.
    pystray : module
    clicked : callable
    """

    def __init__(self, pystray_icon: Any, pystray: Any, clicked: Clicked) -> None:
        self._icon = pystray_icon
        self._pystray = pystray
        self._clicked = clicked
        self.shown: Face | None = None

    def put(self, face: Face, *, menu: bool = True) -> None:
        """Show `face`; with ``menu=False`` the menu is left to the caller."""
        shown = self.shown
        self.shown = face
        if shown is None or shown.state is not face.state:
            self._icon.icon = icon(face.state, ICON_PX)
        if shown is None or shown.tooltip != face.tooltip:
            self._icon.title = face.tooltip
        if menu and (shown is None or shown.rows != face.rows):
            self._icon.menu = self.menu(face.rows)

    def menu(self, rows: tuple[Row, ...]) -> Any:
        """`rows` as a pystray menu."""
        return self._pystray.Menu(*(self._item(row) for row in rows))

    def _item(self, row: Row) -> Any:
        if not row.text:
            return self._pystray.Menu.SEPARATOR

        def chosen(*_: Any) -> None:
            if row.action is not None:
                self._clicked(row.action)

        return self._pystray.MenuItem(row.text, chosen, default=row.default, enabled=row.enabled)


_IMPORTING = threading.Lock()
_ENVIRONMENT = MappingProxyType(
    {
        # Pystray picks and imports a back-end of its own choice unless this tells it not to.
        "PYSTRAY_BACKEND": "dummy",
        # GTK 3 would look for OpenGL, which it does not need here: Mesa's software renderer takes 50 MB.
        "GDK_GL": "disable",
    }
)


def load_pystray(name: str) -> tuple[Any, Any]:
    """Pystray, and its back-end `name`; imported here and not before, since importing it opens the display.

    Returns
    -------
    tuple of module
        ``pystray`` and ``pystray._NAME``.

    Raises
    ------
    NoBackEnd
        If the back-end does not work here. Pystray lets any kind of error through.
    """
    with _IMPORTING, _environment(_ENVIRONMENT):
        try:
            return import_module("pystray"), import_module(f"pystray._{name}")
        except (ImportError, ValueError, AttributeError, OSError) as error:
            raise NoBackEnd(f"{name}: {error}") from error


@contextlib.contextmanager
def _environment(wanted: Mapping[str, str]) -> Iterator[None]:
    """Environment variables for as long as an import lasts; children that start later see none of them."""
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, text in before.items():
            if text is None:
                del os.environ[name]
            else:
                os.environ[name] = text
