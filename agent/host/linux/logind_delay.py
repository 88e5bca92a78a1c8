"""Delay of sleep and shutdown at logind, so that what the agent says of them is on disk first."""

from __future__ import annotations

import logging
import os
import threading
from typing import Final, Protocol

from agent.host.linux.bus import BusError, DescriptorSource
from agent.host.linux.logind import LOGIND

HELD_S: Final = 1.0
"""So long sleep or shutdown waits for the agent. Writing takes a tenth of it; logind itself waits 5 s at most."""
_ARGUMENTS: Final = ("sleep:shutdown", "Steadyhand", "says that the computer sleeps or shuts down", "delay")

_log = logging.getLogger(__name__)


class Delay(Protocol):
    """Holds sleep and shutdown up for a moment. Any thread; nothing blocks for more than a second."""

    def hold(self) -> None:
        """From now on sleep and shutdown wait for the agent, where the system allows that."""

    def follow(self, *, begins: bool) -> None:
        """Sleep or shutdown begins: let it go on a moment from now. It is over: hold the next one."""

    def release(self) -> None:
        """Hold nothing up any more."""


class NoDelay:
    """Nothing waits for the agent. See `Delay`."""

    def hold(self) -> None:
        """See `Delay.hold`."""

    def follow(self, *, begins: bool) -> None:
        """See `Delay.follow`."""

    def release(self) -> None:
        """See `Delay.release`."""


class LogindDelay:
    """A delay inhibitor of logind: a file descriptor, which is closed to let things go on, or dies with the agent.

    Parameters
    ----------
    bus : DescriptorSource
    held_s : float
    """

    def __init__(self, bus: DescriptorSource, held_s: float = HELD_S) -> None:
        self._bus = bus
        self._held_s = held_s
        self._lock = threading.Lock()
        self._descriptor: int | None = None
        self._timer: threading.Timer | None = None

    def hold(self) -> None:
        """See `Delay.hold`."""
        with self._lock:
            if self._descriptor is not None:
                return
            try:
                self._descriptor = self._bus.take_descriptor(LOGIND, "Inhibit", "ssss", *_ARGUMENTS)
            except BusError as why:
                _log.info("sleep and shutdown do not wait for what the agent says of them: %s", why)

    def follow(self, *, begins: bool) -> None:
        """See `Delay.follow`."""
        if not begins:
            self._cancel()
            self.hold()
            return
        self._timer = threading.Timer(self._held_s, self.release)
        self._timer.daemon = True
        self._timer.start()

    def release(self) -> None:
        """See `Delay.release`."""
        self._cancel()
        with self._lock:
            descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
