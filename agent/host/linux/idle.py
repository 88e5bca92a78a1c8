"""When input last arrived, as the X server or GNOME's compositor counts it."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any, Final

from agent.host.api import CannotSee
from agent.host.linux.bus import SESSION, Bus, BusError, Service
from agent.host.linux.xdisplay import open_display

_MUTTER: Final = Service(
    SESSION,
    "org.gnome.Mutter.IdleMonitor",
    "/org/gnome/Mutter/IdleMonitor/Core",
    "org.gnome.Mutter.IdleMonitor",
)

_log = logging.getLogger(__name__)


class LinuxIdle:
    """`Idle` from the X screen saver extension, else from Mutter. One thread.

    Parameters
    ----------
    bus : Bus
    environ : mapping
    """

    def __init__(self, bus: Bus, environ: Mapping[str, str] = os.environ) -> None:
        self._bus = bus
        self._environ = environ
        self._display: Any = None

    def idle_ms(self) -> int | None:
        """See `Idle.idle_ms`."""
        from_x = self._from_x()
        return self._from_mutter() if from_x is None else from_x

    def _from_x(self) -> int | None:
        from Xlib.error import ConnectionClosedError
        from Xlib.ext import screensaver

        try:
            if self._display is None:
                self._display = open_display(self._environ)
            if not self._display.has_extension(screensaver.extname):
                return None
            return int(self._display.screen().root.screensaver_query_info().idle)
        except (CannotSee, ConnectionClosedError) as why:
            _log.debug("no idle time from X: %s", why)
            self._display = None
            return None

    def _from_mutter(self) -> int | None:
        try:
            return int(self._bus.call(_MUTTER, "GetIdletime", timeout_s=0.05)[0])
        except BusError:
            return None  # not GNOME
