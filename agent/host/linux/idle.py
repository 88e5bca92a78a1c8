"""When input last arrived, as the X server or the Wayland compositor counts it."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from agent.host.api import CannotSee
from agent.host.linux.bus import SESSION, Bus, BusError, Service, single
from agent.host.linux.compositor import wayland_socket
from agent.host.linux.wayland_idle import WaylandIdle
from agent.host.linux.xdisplay import AnswerLimit, is_wayland, open_display

_MUTTER: Final = Service(
    SESSION,
    "org.gnome.Mutter.IdleMonitor",
    "/org/gnome/Mutter/IdleMonitor/Core",
    "org.gnome.Mutter.IdleMonitor",
)

T = TypeVar("T")

_log = logging.getLogger(__name__)


class LinuxIdle:
    """`Idle` from the X screen saver extension; in a Wayland session from its compositor. One thread.

    An X server within a Wayland session counts its own windows' input alone, and is not asked.

    Parameters
    ----------
    bus : Bus
    environ : mapping
    """

    def __init__(self, bus: Bus, environ: Mapping[str, str] = os.environ) -> None:
        self._bus = bus
        self._environ = environ
        self._display: Any = None
        self._compositor = WaylandIdle(wayland_socket(environ)) if is_wayland(environ) else None

    def idle_ms(self) -> int | None:
        """See `Idle.idle_ms`."""
        source = self._from_x if self._compositor is None else self._compositor.idle_ms
        idle_ms = source()
        return self._from_mutter() if idle_ms is None else idle_ms

    def problem(self) -> str:
        """See `Idle.problem`."""
        if self._compositor is None:
            return "" if self.idle_ms() is not None else "nobody tells when input last came"
        problem = self._compositor.problem()
        return "" if problem and self._from_mutter() is not None else problem

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
