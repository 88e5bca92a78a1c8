"""Hears when a known locker covers the X screen, and when it goes. For lockers that tell nobody."""

from __future__ import annotations

import logging
import os
import select
import socket
import threading
from collections.abc import Callable, Mapping
from typing import Any

from agent.host.api import CannotSee
from agent.host.linux.xdisplay import open_display
from agent.host.linux.xscreen import XScreen

_log = logging.getLogger(__name__)


class CoverWatch:
    """One thread on one connection; it wakes only when windows open or close.

    Parameters
    ----------
    environ : mapping
        Names the X server.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._environ = environ
        self._bell, self._button = socket.socketpair()
        self._thread: threading.Thread | None = None

    def start(self, on_change: Callable[[bool], None]) -> bool:
        """Call `on_change` with every change; False where there is no X server to watch."""
        from Xlib import X

        try:
            display = open_display(self._environ)
        except CannotSee as why:
            _log.info("lockers cannot be watched: %s", why)
            return False
        display.screen().root.change_attributes(event_mask=X.SubstructureNotifyMask)
        display.sync()
        self._thread = threading.Thread(
            target=self._run, args=(display, on_change), name="steadyhand-xcover", daemon=True
        )
        self._thread.start()
        return True

    def stop(self) -> None:
        """End the thread and close its connection."""
        self._button.close()
        if self._thread is not None:
            self._thread.join(0.4)

    def _run(self, display: Any, on_change: Callable[[bool], None]) -> None:
        from Xlib.error import ConnectionClosedError

        try:
            screen, covered = XScreen(display), False
            while True:
                now = any(screen.is_locker(pid) for pid in screen.covered_by())
                if now != covered:
                    covered = now
                    on_change(now)
                if not self._wait(display, covered):
                    break
            display.close()
        except ConnectionClosedError:
            _log.info("the X server has gone")

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
            if self._bell in select.select([display, self._bell], [], [])[0]:
                return False
