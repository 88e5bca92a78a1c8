"""Mouse watch: the connected pointing devices, which of them moved last, and what changes about them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from agent.engine.events import UNKNOWN_SOURCE
from agent.engine.mouse import MouseConfiguration
from agent.host.polling import what_changed
from agent.host.several_mice import SEVERAL_ARE_UNKNOWN, moving
from agent.host.windows.mice import CAPTURE
from agent.host.windows.raw_devices import RawDevices
from agent.host.windows.source_matching import ONE_OF_SEVERAL

_LOOK_S: Final = 2.0


class WindowsMice:
    """`Mice` by raw input: looked at when a device comes or goes, and every two seconds for how they are set.

    Where raw input is not heard, which of several mice moves is not known, and they are one of several.

    Parameters
    ----------
    read : callable
        The configuration of every connected device by its number, the main one first.
    devices : RawDevices
    several : str
        What several mice are taken for where nobody says which moves (`several_mice.moving`).
    """

    def __init__(
        self,
        read: Callable[[], dict[int, MouseConfiguration]],
        devices: RawDevices,
        several: str = SEVERAL_ARE_UNKNOWN,
    ) -> None:
        self._read = read
        self._devices = devices
        self._several = several
        self._known: dict[int, MouseConfiguration] | None = None
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def current(self) -> MouseConfiguration:
        """See `Mice.current`. Without a mouse, a configuration that no profile has."""
        self._look_unless_watched()
        return self.of(UNKNOWN_SOURCE) or MouseConfiguration(CAPTURE)

    def of(self, source: int) -> MouseConfiguration | None:
        """See `Mice.of`; `ONE_OF_SEVERAL` stands for any of those that are connected."""
        known = self._known or {}
        if source == ONE_OF_SEVERAL or not self._devices.hears:
            return moving(tuple(dict.fromkeys(known.values())), self._several)
        if source != UNKNOWN_SOURCE:
            return known.get(source)
        return known.get(self._devices.moved_last) or next(iter(known.values()), None)

    def connected(self) -> tuple[MouseConfiguration, ...]:
        """See `Mice.connected`. Two of one model without serial numbers are one entry: nothing tells them apart."""
        self._look_unless_watched()
        return tuple(dict.fromkeys((self._known or {}).values()))

    def watch(self, changed: Callable[[str], None]) -> None:
        """See `Mice.watch`."""
        self._known = self._read()
        self._thread = threading.Thread(
            target=self._run, args=(changed,), name="steadyhand-mice", daemon=True
        )
        self._thread.start()

    def look(self) -> None:
        """See `Mice.look`: it looks all the time."""

    def close(self) -> None:
        """See `Mice.close`."""
        self._ended.set()
        self._devices.changed.set()
        if self._thread is not None:
            self._thread.join(1.0)

    def _look_unless_watched(self) -> None:
        if self._thread is None or self._known is None:
            self._known = self._read()

    def _run(self, changed: Callable[[str], None]) -> None:
        while not self._ended.is_set():
            self._devices.changed.wait(_LOOK_S)
            self._devices.changed.clear()
            if self._ended.is_set():
                return
            before, self._known = self._known or {}, self._read()
            if words := what_changed(tuple(before.values()), tuple(self._known.values())):
                changed(words)
