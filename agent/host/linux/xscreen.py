"""What can be seen of an X screen: who holds it, and who covers it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from agent.host.api import CannotSee
from agent.host.linux.processes import program_of
from agent.host.linux.xclients import client_pid
from agent.host.linux.xdisplay import WAYLAND_SHOWS_NOBODY, is_wayland, is_xwayland, open_display
from agent.host.locker import NoScreen, ScreenGone, ScreenView

# By the file names of their programs. Cinnamon's is a script: its interpreter can be anybody's, so it does not count.
_LOCKERS: Final = frozenset(
    {
        "i3lock",
        "xsecurelock",
        "xscreensaver",
        "xscreensaver-gfx",
        "xfce4-screensaver",
        "xfce4-screensaver-dialog",
        "mate-screensaver",
        "mate-screensaver-dialog",
        "cs-backup-locker",
        "kscreenlocker_greet",
        "light-locker",
        "slock",
        "xlock",
    }
)


# xsecurelock leaves one pixel at each edge of the window that it shows to other programs.
_EDGE_PX: Final = 2


class _Box(NamedTuple):
    left: int
    top: int
    right: int
    bottom: int

    def holds(self, inner: _Box) -> bool:
        """True where this box covers `inner`, but for a pixel or two at its edges."""
        return (
            self.left <= inner.left + _EDGE_PX
            and self.top <= inner.top + _EDGE_PX
            and self.right >= inner.right - _EDGE_PX
            and self.bottom >= inner.bottom - _EDGE_PX
        )


class XScreen:
    """An X screen, seen through a connection of its own. One thread.

    Parameters
    ----------
    display : python-xlib Display
    """

    visible = True

    def __init__(self, display: Any) -> None:
        self._display = display
        self._root = display.screen().root

    def grabbed(self) -> bool:
        """See `ScreenView.grabbed`. Takes both grabs for a moment where they are free."""
        from Xlib import X

        pointer = self._root.grab_pointer(
            False, 0, X.GrabModeAsync, X.GrabModeAsync, X.NONE, X.NONE, X.CurrentTime
        )
        keyboard = self._root.grab_keyboard(False, X.GrabModeAsync, X.GrabModeAsync, X.CurrentTime)
        self._display.ungrab_keyboard(X.CurrentTime)
        self._display.ungrab_pointer(X.CurrentTime)
        self._display.sync()
        return X.AlreadyGrabbed in (pointer, keyboard)

    def covered_by(self) -> frozenset[int]:
        """See `ScreenView.covered_by`: owners whose unmanaged, mapped windows hold every monitor."""
        windows = [(client_pid(self._display, w.id), box) for w, box in self._unmanaged()]
        monitors = self._monitors()
        return frozenset(
            pid
            for pid in {pid for pid, _ in windows}
            if pid not in (0, os.getpid())
            and Path(f"/proc/{pid}").exists()
            and all(any(owner == pid and box.holds(m) for owner, box in windows) for m in monitors)
        )

    def is_locker(self, pid: int) -> bool:
        """See `ScreenView.is_locker`."""
        return program_of(pid).name in _LOCKERS

    def dismiss(self) -> None:
        """See `ScreenView.dismiss`: the Escape key, which goes to whoever holds the keyboard."""
        from Xlib import XK, X
        from Xlib.ext import xtest

        escape = self._display.keysym_to_keycode(XK.XK_Escape)
        for kind in (X.KeyPress, X.KeyRelease):
            xtest.fake_input(self._display, kind, escape)
        self._display.sync()

    def _monitors(self) -> list[_Box]:
        """The monitors, or the whole root window where the server does not tell."""
        if self._display.has_extension("RANDR"):
            monitors = self._root.xrandr_get_monitors().monitors
            boxes = [
                _Box(m.x, m.y, m.x + m.width_in_pixels, m.y + m.height_in_pixels)
                for m in monitors
                if m.width_in_pixels and m.height_in_pixels
            ]
            if boxes:
                return boxes
        whole = self._root.get_geometry()
        return [_Box(0, 0, whole.width, whole.height)]

    def _unmanaged(self) -> Iterator[tuple[Any, _Box]]:
        """Mapped windows that no window manager manages, with their places."""
        from Xlib import X
        from Xlib.error import BadDrawable, BadWindow

        for window in self._root.query_tree().children:
            try:
                attributes = window.get_attributes()
                shown = attributes.map_state == X.IsViewable and attributes.win_class == X.InputOutput
                if attributes.override_redirect and shown:
                    g = window.get_geometry()
                    yield window, _Box(g.x, g.y, g.x + g.width, g.y + g.height)
            except (BadDrawable, BadWindow):
                continue  # closed since the list was made


@contextmanager
def look(environ: Mapping[str, str] = os.environ) -> Iterator[ScreenView]:
    """Look at the X screen that the environment names, or at nothing where there is none."""
    from Xlib.error import ConnectionClosedError

    try:
        if is_wayland(environ):
            raise CannotSee(WAYLAND_SHOWS_NOBODY)
        display = open_display(environ)
    except CannotSee:
        yield NoScreen()
        return
    try:
        try:
            yield NoScreen() if is_xwayland(display) else XScreen(display)
        finally:
            display.close()
    except ConnectionClosedError as why:
        raise ScreenGone("the X server has gone") from why
