"""Cover watch: hears when a known locker covers the X screen, and when it goes. For lockers that tell nobody."""

from __future__ import annotations

import logging
import os
import select
from collections.abc import Callable, Mapping
from typing import Any

from agent.host.api import CannotSee
from agent.host.linux.xdisplay import is_wayland, open_display
from agent.host.linux.xscreen import XScreen
from agent.host.locker import ScreenGone
from agent.host.wakeup import Wakeup

_log = logging.getLogger(__name__)


class CoverWatch:
    """One connection; whoever follows it wakes only when windows open or close.

    Parameters
    ----------
    environ : mapping
        Names the X server.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._environ = environ
        self._wakeup = Wakeup()
        self._display: Any = None

    def open(self) -> bool:
        """Connect; False where there is no X server to watch."""
        from Xlib import X
        from Xlib.error import ConnectionClosedError

        if is_wayland(self._environ):
            return False  # lockers cover nothing that an X server knows
        try:
            self._display = open_display(self._environ)
            self._display.screen().root.change_attributes(event_mask=X.SubstructureNotifyMask)
            self._display.sync()
        except (CannotSee, ConnectionClosedError) as why:
            _log.info("lockers cannot be watched: %s", why)
            self._display = None
            return False
        return True

    def follow(self, on_change: Callable[[bool], None]) -> None:
        """Call `on_change` with every change until told to stop. One thread; connects anew where it must.

        Raises
        ------
        ScreenGone
            If the X server goes away, or closes the connection.
        """
        from Xlib.error import ConnectionClosedError

        if self._display is None and not self.open():
            raise ScreenGone("the X server cannot be reached")
        display = self._display
        try:
            screen, covered = XScreen(display), False
            while True:
                now = any(screen.is_locker(pid) for pid in screen.covered_by())
                if now != covered:
                    covered = now
                    on_change(now)
                if not self._wait(display, covered):
                    display.close()
                    return
        except (ConnectionClosedError, OSError) as why:
            raise ScreenGone("the X server has closed the connection") from why
        finally:
            self._display = None

    def stop(self) -> None:
        """Have `follow` return."""
        self._wakeup.stop()

    def _wait(self, display: Any, covered: bool) -> bool:
        """Sleep until a window that may matter opened or closed; False when told to end."""
        from Xlib import X

        while True:
            for _ in range(display.pending_events()):
                event = display.next_event()
                closed = covered and event.type in (X.UnmapNotify, X.DestroyNotify)
                opened = not covered and event.type == X.MapNotify and event.override
                if closed or opened:
                    return True
            if self._wakeup in select.select([display, self._wakeup], [], [])[0]:
                return False
