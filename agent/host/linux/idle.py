"""When input last arrived, as the X server or GNOME's compositor counts it."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from agent.host.api import CannotSee
from agent.host.linux.bus import SESSION, Bus, BusError, Service, single
from agent.host.linux.xdisplay import AnswerLimit, open_display

_MUTTER: Final = Service(
    SESSION,
    "org.gnome.Mutter.IdleMonitor",
    "/org/gnome/Mutter/IdleMonitor/Core",
    "org.gnome.Mutter.IdleMonitor",
)

T = TypeVar("T")

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

    def position(self) -> tuple[int, int] | None:
        """See `Idle.position`."""

        def ask(display: Any) -> tuple[int, int]:
            pointer = display.screen().root.query_pointer()
            return int(pointer.root_x), int(pointer.root_y)

        return self._ask(ask)

    def _from_x(self) -> int | None:
        from Xlib.ext import screensaver

        def ask(display: Any) -> int | None:
            if not display.has_extension(screensaver.extname):
                return None
            return int(display.screen().root.screensaver_query_info().idle)

        return self._ask(ask)

    def _ask(self, ask: Callable[[Any], T]) -> T | None:
        """What the X server says; None where there is none, or it has gone."""
        from Xlib.error import ConnectionClosedError

        try:
            if self._display is None:
                self._display = open_display(self._environ)
            with AnswerLimit(self._display):
                return ask(self._display)
        except (CannotSee, ConnectionClosedError) as why:
            _log.debug("X does not say: %s", why)
            self._display = None
            return None

    def _from_mutter(self) -> int | None:
        try:
            return single(self._bus.call(_MUTTER, "GetIdletime", timeout_s=0.05), int)
        except BusError:
            return None  # not GNOME
