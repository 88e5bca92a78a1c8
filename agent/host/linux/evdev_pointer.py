"""Mouse events from the kernel itself: what is left where a Wayland compositor shows nobody the mouse.

The counts are the mouse's own, before any acceleration, and stamped by the kernel's monotonic clock. They are another
way of capture than X11's, so profiles of their own judge them (``capture = "evdev"``).
"""

from __future__ import annotations

import logging
import select
import socket
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from agent.engine.events import Boundary, Cause
from agent.host.api import CannotSee
from agent.host.linux.evdev_decoder import EvdevDecoder, SeatPointer
from agent.host.linux.evdev_devices import Dropped, Mouse, device_news, drain, number_of, open_mice
from agent.host.linux.sysfs import KernelDevice, kernel_device
from agent.host.ring import Ring
from agent.host.wakeup import Wakeup
from agent.language.language import mark

# udev gives a new device its rights a moment after the kernel tells of it.
_SETTLE_S: Final = 0.5
_STOP_S: Final = 0.8

_log = logging.getLogger(__name__)


class EvdevPointer:
    """`PointerSource` on the kernel's devices.

    One thread waits for all of them, and for the news that one came or went; it never wakes while they rest.

    Parameters
    ----------
    open_all : callable
        Opens every mouse.
    kernel : callable
        What sysfs knows about a node.
    news : callable
        Makes the socket that tells of devices.
    """

    def __init__(
        self,
        open_all: Callable[[], Sequence[Mouse]] = open_mice,
        kernel: Callable[[str], KernelDevice] = kernel_device,
        news: Callable[[], socket.socket] = device_news,
    ) -> None:
        self._open_all = open_all
        self._kernel = kernel
        self._news = news
        self._pointer = SeatPointer()
        self._mice: dict[int, tuple[Mouse, EvdevDecoder]] = {}
        self._thread: threading.Thread | None = None
        self._wakeup = Wakeup()

    def start(self, ring: Ring) -> None:
        """See `PointerSource.start`."""
        # Before looking, so that a mouse that comes meanwhile is told of.
        news = self._news()
        try:
            self._take_up(ring, self._open_all())
        except CannotSee:
            news.close()
            raise
        if not self._mice:
            news.close()
            raise CannotSee(
                mark("no mouse is plugged in, or none may be read: plug one in, or see: steadyhand doctor")
            )
        self._thread = threading.Thread(
            target=self._run, args=(ring, news), name="steadyhand-evdev", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """See `PointerSource.stop`."""
        self._wakeup.stop()
        if self._thread is not None:
            self._thread.join(_STOP_S)
        for mouse, _ in self._mice.values():
            mouse.close()
        self._mice.clear()

    def is_alive(self) -> bool:
        """See `PointerSource.is_alive`."""
        return self._thread is not None and self._thread.is_alive() and bool(self._mice)

    def sync(self) -> None:
        """See `PointerSource.sync`. The kernel holds nothing back."""

    def _take_up(self, ring: Ring, opened: Sequence[Mouse]) -> None:
        known = {mouse.node for mouse, _ in self._mice.values()}
        for mouse in opened:
            if mouse.node in known:
                mouse.close()
                continue
            made = self._kernel(mouse.node).bus == "virtual"
            self._mice[mouse.fileno()] = (
                mouse,
                EvdevDecoder(ring, self._pointer, number_of(mouse.node), made),
            )

    def _run(self, ring: Ring, news: socket.socket) -> None:
        with news:
            poll = select.poll()
            for fd in (self._wakeup.fileno(), news.fileno(), *self._mice):
                poll.register(fd, select.POLLIN)
            while True:
                ready = [fd for fd, _ in poll.poll()]
                if self._wakeup.fileno() in ready:
                    return
                for fd in self._take_round(ring, [fd for fd in ready if fd in self._mice]):
                    poll.unregister(fd)
                    self._mice.pop(fd)[0].close()
                if news.fileno() in ready and drain(news):
                    if select.select([self._wakeup], [], [], _SETTLE_S)[0]:
                        return
                    self._look_again(ring, poll)

    def _take_round(self, ring: Ring, ready: Sequence[int]) -> list[int]:
        """Read what the devices have, in the order of time; returns those that have gone."""
        events: list[tuple[int, EvdevDecoder, int, int, int]] = []
        gone = []
        for fd in ready:
            mouse, decoder = self._mice[fd]
            try:
                for kind, code, amount, t_ns in mouse.events():
                    events.append((t_ns, decoder, kind, code, amount))
            except Dropped:
                events = [event for event in events if event[1] is not decoder]
                decoder.drop()
                ring.put(
                    Boundary(time.monotonic_ns(), Cause.OVERFLOW, f"the kernel lost events of {mouse.name}")
                )
            except OSError as why:
                _log.info("%s has gone: %s", mouse.name, why)
                gone.append(fd)
        for t_ns, decoder, kind, code, amount in sorted(events, key=lambda event: event[0]):
            decoder.take(kind, code, amount, t_ns)
        return gone

    def _look_again(self, ring: Ring, poll: select.poll) -> None:
        before = set(self._mice)
        try:
            self._take_up(ring, self._open_all())
        except CannotSee as why:
            _log.warning("%s", why)
        for fd in set(self._mice) - before:
            poll.register(fd, select.POLLIN)
