"""The mice of an X session, and how they are set."""

from __future__ import annotations

import logging
import os
import select
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any, Final

from agent.engine.mouse import MouseConfiguration
from agent.host.api import CannotSee
from agent.host.linux.udev import Hardware, hardware
from agent.host.linux.xdisplay import is_xtest, open_display, pointer_devices
from agent.host.linux.xproperties import Properties, screen_scale

CAPTURE: Final = "pynput-x11"

_SETTLE_S: Final = 0.3
_PROFILES: Final = ("adaptive", "flat", "custom")

_log = logging.getLogger(__name__)

Changed = Callable[[MouseConfiguration], None]


class X11Mice:
    """`Mice` from XInput2, its properties, and udev.

    Whatever libinput can be told is heard of at once. The core protocol's acceleration, which only older
    drivers obey, changes without an event: it is noticed with the next event or question.

    Parameters
    ----------
    environ : mapping
    hardware_of : callable
        What the kernel and udev know about a device node.
    """

    def __init__(
        self,
        environ: Mapping[str, str] = os.environ,
        hardware_of: Callable[[str], Hardware] = hardware,
    ) -> None:
        self._environ = environ
        self._hardware = hardware_of
        self._thread: threading.Thread | None = None
        self._bell, self._button = socket.socketpair()

    def current(self) -> MouseConfiguration:
        """See `Mice.current`. Without a display, a configuration that no profile has."""
        try:
            with closing(open_display(self._environ)) as display:
                return self._read(display)
        except CannotSee as why:
            _log.info("no mouse to describe: %s", why)
            return MouseConfiguration(capture=CAPTURE)

    def watch(self, changed: Changed) -> None:
        """See `Mice.watch`."""
        try:
            display = open_display(self._environ)
        except CannotSee as why:
            _log.info("no mice to watch: %s", why)
            return
        self._thread = threading.Thread(
            target=self._run, args=(display, changed), name="steadyhand-mice", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """See `Mice.close`."""
        self._button.close()
        if self._thread is not None:
            self._thread.join(1.0)

    def _run(self, display: Any, changed: Changed) -> None:
        from Xlib.error import ConnectionClosedError

        try:
            _select(display)
            known = self._read(display)
            while True:
                ready, _, _ = select.select([display, self._bell], [], [])
                if self._bell in ready:
                    break
                # A mouse that is plugged in is told in several events: wait for the last.
                if select.select([self._bell], [], [], _SETTLE_S)[0]:
                    break
                for _ in range(display.pending_events()):
                    display.next_event()
                now = self._read(display)
                if now != known:
                    known = now
                    changed(now)
            display.close()
        except ConnectionClosedError:
            _log.info("the X server has gone, and with it the mice")

    def _read(self, display: Any) -> MouseConfiguration:
        display.xinput_query_version()
        device = _in_use(pointer_devices(display))
        if device is None:
            return MouseConfiguration(capture=CAPTURE)
        told = Properties(display, device.deviceid)
        vendor, product = told.integers("Device Product ID", 2) or (0, 0)
        node = told.text("Device Node")
        known = self._hardware(node) if node else Hardware(bus="virtual")
        speed = told.floats("libinput Accel Speed", 1)
        return MouseConfiguration(
            capture=CAPTURE,
            bus=known.bus,
            vendor=f"{vendor:04x}" if vendor else "",
            product=f"{product:04x}" if product else "",
            serial=known.serial,
            name=device.name,
            cpi=known.cpi,
            cpi_source=known.cpi_source,
            report_rate_hz=known.report_rate_hz,
            pointer_speed=round(speed[0], 4) if speed else _core_speed(display),
            acceleration=_profile(told),
            screen_scale=screen_scale(display),
        )


def _in_use(devices: list[Any]) -> Any:
    """The mouse that moved last, else the first that is a real one; programs' pointers do not count."""
    from Xlib.ext.xinput import MasterPointer, SlavePointer

    mice = {d.deviceid: d for d in devices if d.use == SlavePointer and d.enabled and not is_xtest(d)}
    # A master's classes are copied from the device that moved last.
    moved = [c.sourceid for d in devices if d.use == MasterPointer for c in d.classes]
    return next((mice[source] for source in moved if source in mice), next(iter(mice.values()), None))


def _profile(told: Properties) -> str:
    enabled = told.integers("libinput Accel Profile Enabled", 2)
    names = [name for name, on in zip(_PROFILES, enabled, strict=False) if on]
    return names[0] if names else ""


def _core_speed(display: Any) -> float:
    """The core protocol's acceleration, for servers without libinput's."""
    told = display.get_pointer_control()
    return round(float(told.accel_num) / max(1, int(told.accel_denom)), 4)


def _select(display: Any) -> None:
    """Ask for devices that come and go, are set otherwise, or take over the pointer."""
    from Xlib.ext import xinput

    opcode = display.query_extension(xinput.extname).major_opcode
    # python-xlib reads XI_DeviceChanged with the layout of another event.
    display.ge_add_event_data(opcode, xinput.DeviceChanged, None)
    display.xinput_query_version()
    display.screen().root.xinput_select_events(
        [
            (xinput.AllDevices, xinput.HierarchyChangedMask | xinput.PropertyEventMask),
            (xinput.AllMasterDevices, xinput.DeviceChangedMask),
        ]
    )
    display.sync()
