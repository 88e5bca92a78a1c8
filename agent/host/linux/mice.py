"""The mice of an X session, how they are set, and what changes about them."""

from __future__ import annotations

import logging
import os
import select
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from agent.engine.events import UNKNOWN_SOURCE
from agent.engine.mouse import MouseConfiguration
from agent.engine.mouse_differences import differences
from agent.files.devices import Declared
from agent.host.api import CannotSee
from agent.host.linux.bus import Bus
from agent.host.linux.describe import Surroundings, describe, tell_twins_apart
from agent.host.linux.desktop_pointer import PointerSetting, gnome_setting, kde_setting, kwin_setting
from agent.host.linux.device_facts import DeviceFacts
from agent.host.linux.remote import remote_session
from agent.host.linux.sysfs import KernelDevice, kernel_device
from agent.host.linux.udev import udev_properties
from agent.host.linux.vendors import Vendors
from agent.host.linux.xdisplay import open_display
from agent.host.linux.xmice import XMouse, read_xmice
from agent.host.wakeup import Wakeup

CAPTURE: Final = "pynput-x11"

_SETTLE_S: Final = 0.3

_log = logging.getLogger(__name__)

Changed = Callable[[str], None]


class X11Mice:
    """`Mice` from XInput2 and its properties, sysfs, udev, vendors' daemons, the desktop and the administrator.

    One thread holds a connection to the server and sleeps until something changes; vendors' daemons, where they
    run, have a thread each that sleeps until they signal. The core protocol's acceleration, the desktop's files
    and a daemon that does not signal change without a word: `look` has them read again.

    Parameters
    ----------
    environ : mapping
    bus : Bus, optional
        Without one, no daemon is asked.
    declared : callable
        What the administrator declares, read afresh.
    kernel, properties : callable
        What sysfs and udev know about a device node.
    """

    def __init__(
        self,
        environ: Mapping[str, str] = os.environ,
        bus: Bus | None = None,
        declared: Callable[[], Declared] = Declared,
        kernel: Callable[[str], KernelDevice] = kernel_device,
        properties: Callable[[str], dict[str, str]] = udev_properties,
    ) -> None:
        self._environ = environ
        self._bus = bus
        self._declared = declared
        self._vendors = Vendors(bus, self.look)
        self._facts = DeviceFacts(kernel, properties)
        self._known: dict[int, MouseConfiguration] | None = None
        self._last = -1
        self._thread: threading.Thread | None = None
        self._wakeup = Wakeup()

    def current(self) -> MouseConfiguration:
        """See `Mice.current`. Without a display, a configuration that no profile has."""
        if self._known is None:
            try:
                with closing(open_display(self._environ)) as display:
                    self._read(display)
            except CannotSee as why:
                _log.info("no mouse to describe: %s", why)
        return self.of(UNKNOWN_SOURCE) or MouseConfiguration(capture=CAPTURE)

    def of(self, source: int) -> MouseConfiguration | None:
        """See `Mice.of`."""
        known = self._known or {}
        if source != UNKNOWN_SOURCE:
            return known.get(source)
        return known.get(self._last) or next(iter(known.values()), None)

    def connected(self) -> tuple[MouseConfiguration, ...]:
        """See `Mice.connected`."""
        self.current()
        return tuple((self._known or {}).values())

    def look(self) -> None:
        """See `Mice.look`."""
        self._wakeup.wake()

    def watch(self, changed: Changed) -> None:
        """See `Mice.watch`."""
        try:
            display = open_display(self._environ)
        except CannotSee as why:
            _log.info("no mice to watch: %s", why)
            return
        _select(display)
        self._read(display)
        self._vendors.listen()
        self._thread = threading.Thread(
            target=self._run, args=(display, changed), name="steadyhand-mice", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """See `Mice.close`."""
        self._vendors.close()
        self._wakeup.stop()
        if self._thread is not None:
            self._thread.join(1.0)
        self._wakeup.close()

    def _run(self, display: Any, changed: Changed) -> None:
        from Xlib.error import ConnectionClosedError

        try:
            while self._wait(display):
                before = self._known or {}
                self._read(display)
                if what := what_changed(before, self._known or {}):
                    changed(what)
            display.close()
        except (ConnectionClosedError, OSError):
            _log.info("the X server has gone, and with it the mice")

    def _wait(self, display: Any) -> bool:
        """Sleep until there is something to read again; False once closed."""
        while not _is_news(display):
            ready, _, _ = select.select([display, self._wakeup], [], [])
            if self._wakeup in ready:
                return self._wakeup.drain()
        # A mouse that is plugged in is told in several events: wait for the last.
        end_s = time.monotonic() + _SETTLE_S
        while (left_s := end_s - time.monotonic()) > 0:
            if select.select([self._wakeup], [], [], left_s)[0] and not self._wakeup.drain():
                return False
        _is_news(display)
        return True

    def _read(self, display: Any) -> None:
        """Everything anew; what cannot be asked in time is taken as not known."""
        x_mice = read_xmice(display)
        around = Surroundings(
            capture=CAPTURE,
            remote=remote_session(self._environ, x_mice.pointers, self._bus),
            scale=x_mice.scale,
            core_speed=x_mice.core_speed,
            vendors=self._vendors.devices() if any(mouse.vendor for mouse in x_mice.mice) else (),
            declared=self._declared(),
        )
        nodes = {mouse.number: self._facts.of(mouse.node) for mouse in x_mice.mice}
        mice = {m.number: describe(m, *nodes[m.number], self._setting(m), around) for m in x_mice.mice}
        self._last = x_mice.last
        self._known = tell_twins_apart(mice, {number: node[0].port for number, node in nodes.items()})

    def _setting(self, mouse: XMouse) -> PointerSetting | None:
        desktop = self._environ.get("XDG_CURRENT_DESKTOP", "").upper()
        if mouse.speed is not None:
            return None
        if "GNOME" in desktop:
            return gnome_setting()
        if "KDE" not in desktop:
            return None
        asked = kwin_setting(self._bus, Path(mouse.node).name) if self._bus and mouse.node else None
        home = Path(self._environ.get("HOME", "/"))
        return asked or kde_setting(home, mouse.vendor, mouse.product, mouse.name)


def what_changed(before: Mapping[int, MouseConfiguration], now: Mapping[int, MouseConfiguration]) -> str:
    """What is different, in words; empty where nothing is."""
    changes = [f"{m.name or m.key} was plugged in" for n, m in now.items() if n not in before]
    changes += [f"{m.name or m.key} was taken out" for n, m in before.items() if n not in now]
    for number, mouse in now.items():
        if number in before:
            label = mouse.name or mouse.key
            changes += [f"{label}: {change}" for change in differences(before[number], mouse, "before")]
    return "; ".join(changes)


def _is_news(display: Any) -> bool:
    """Take in what has arrived: does any of it tell of a mouse or of the screen's scale?"""
    from Xlib import X, Xatom

    news = False
    for _ in range(display.pending_events()):
        event = display.next_event()
        # Desktops write to the root window all the time.
        news = news or event.type != X.PropertyNotify or event.atom == Xatom.RESOURCE_MANAGER
    return news


def _select(display: Any) -> None:
    """Ask for devices that come and go, are set otherwise, or take over the pointer, and for the screen's scale."""
    from Xlib import X
    from Xlib.ext import xinput

    root = display.screen().root
    display.xinput_query_version()
    root.xinput_select_events([(xinput.AllDevices, xinput.HierarchyChangedMask | xinput.PropertyEventMask)])
    # Desktops publish the screen's scale as a property of the root window.
    root.change_attributes(event_mask=X.PropertyChangeMask)
    display.sync()
