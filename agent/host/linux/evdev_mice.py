"""The mice of a session that is captured through the kernel."""

from __future__ import annotations

import logging
import select
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Final

from agent.engine.events import UNKNOWN_SOURCE
from agent.engine.mouse import MouseConfiguration
from agent.files.devices import Declared
from agent.host.api import CannotSee
from agent.host.linux.announced_mice import announced_mice
from agent.host.linux.bus import Bus
from agent.host.linux.describe import Surroundings, describe, tell_twins_apart
from agent.host.linux.device_facts import DeviceFacts
from agent.host.linux.evdev_devices import DescribedMouse, device_news, drain, number_of
from agent.host.linux.mice import what_changed
from agent.host.linux.sysfs import KernelDevice, kernel_device
from agent.host.linux.udev import udev_properties
from agent.host.linux.vendors import Vendors
from agent.host.linux.xmice import XMouse
from agent.host.wakeup import Wakeup

CAPTURE: Final = "evdev"

_SETTLE_S: Final = 0.5

_log = logging.getLogger(__name__)


class EvdevMice:
    """`Mice` from the kernel's devices, udev, vendors' daemons and the administrator.

    Pointer speed, acceleration, swapped buttons and screen scale keep their defaults: the counts that are captured
    come from before all of them.

    Parameters
    ----------
    bus : Bus, optional
        Without one, no daemon is asked.
    declared : callable
        What the administrator declares, read afresh.
    list_all : callable
        Lists every mouse.
    kernel, properties : callable
        What sysfs and udev know about a device node.
    news : callable
        Makes the socket that tells of devices.
    """

    def __init__(
        self,
        bus: Bus | None = None,
        declared: Callable[[], Declared] = Declared,
        list_all: Callable[[], Sequence[DescribedMouse]] = announced_mice,
        kernel: Callable[[str], KernelDevice] = kernel_device,
        properties: Callable[[str], dict[str, str]] = udev_properties,
        news: Callable[[], socket.socket] = device_news,
    ) -> None:
        self._declared = declared
        self._list_all = list_all
        self._facts = DeviceFacts(kernel, properties)
        self._news = news
        self._vendors = Vendors(bus, self.look)
        self._known: dict[int, MouseConfiguration] | None = None
        self._thread: threading.Thread | None = None
        self._wakeup = Wakeup()

    def current(self) -> MouseConfiguration:
        """See `Mice.current`: the main one, since each event says which mouse it comes from."""
        if self._known is None:
            self._read()
        return self.of(UNKNOWN_SOURCE) or MouseConfiguration(capture=CAPTURE)

    def of(self, source: int) -> MouseConfiguration | None:
        """See `Mice.of`."""
        known = self._known or {}
        return next(iter(known.values()), None) if source == UNKNOWN_SOURCE else known.get(source)

    def connected(self) -> tuple[MouseConfiguration, ...]:
        """See `Mice.connected`."""
        self.current()
        return tuple((self._known or {}).values())

    def look(self) -> None:
        """See `Mice.look`."""
        self._wakeup.wake()

    def watch(self, changed: Callable[[str], None]) -> None:
        """See `Mice.watch`."""
        news = self._news()
        self._read()
        self._vendors.listen()
        self._thread = threading.Thread(
            target=self._run, args=(news, changed), name="steadyhand-mice", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """See `Mice.close`."""
        self._vendors.close()
        self._wakeup.stop()
        if self._thread is not None:
            self._thread.join(1.0)
        self._wakeup.close()

    def _run(self, news: socket.socket, changed: Callable[[str], None]) -> None:
        with news:
            while True:
                sources: tuple[Wakeup | socket.socket, ...] = (self._wakeup, news)
                ready = select.select(sources, [], [])[0]
                if self._wakeup in ready and not self._wakeup.drain():
                    return
                if news in ready:
                    if not drain(news):
                        continue
                    # udev gives a new device its rights a moment after the kernel tells of it.
                    if select.select([self._wakeup], [], [], _SETTLE_S)[0] and not self._wakeup.drain():
                        return
                before = self._known or {}
                self._read()
                if what := what_changed(before, self._known or {}):
                    changed(what)

    def _read(self) -> None:
        try:
            mice = self._list_all()
        except CannotSee as why:
            _log.info("no mice to describe: %s", why)
            self._known = {}
            return
        around = Surroundings(CAPTURE, vendors=self._vendors.devices(), declared=self._declared())
        described: dict[int, MouseConfiguration] = {}
        ports: dict[int, str] = {}
        for mouse in mice:
            number, (kernel, udev) = number_of(mouse.node), self._facts.of(mouse.node)
            seen = XMouse(number, mouse.name, f"{mouse.vendor:04x}", f"{mouse.product:04x}", mouse.node)
            described[number] = describe(seen, kernel, udev, None, around)
            ports[number] = kernel.port
            mouse.close()
        self._known = tell_twins_apart(described, ports)
