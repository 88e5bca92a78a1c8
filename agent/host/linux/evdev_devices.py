"""The kernel's mice under /dev/input, read through libevdev; and the kernel's word when they come and go."""

from __future__ import annotations

import fcntl
import logging
import os
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final, Protocol

from agent.engine.sentence import sentence
from agent.host.api import CannotSee
from agent.host.linux.input_codes import (
    BTN_LEFT,
    CLOCK_MONOTONIC,
    EV_KEY,
    EV_REL,
    REL_X,
    REL_Y,
    SET_CLOCK,
)
from agent.host.linux.sysfs import SYS, moves_like_a_mouse
from agent.language.language import mark

INPUT: Final = Path("/dev/input")
# linux/netlink.h
_KOBJECT_UEVENT: Final = 15

NOT_READABLE: Final = mark(
    "this is a Wayland session, and its mouse ({folder}) may not be read: have the mouse service started (as root: "
    "systemctl enable --now steadyhand-mouse.service)"
)

_log = logging.getLogger(__name__)


class Dropped(Exception):
    """The kernel's buffer was full: some events of the device are lost."""


class DescribedMouse(Protocol):
    """What a device is."""

    @property
    def node(self) -> str:
        """Such as ``/dev/input/event3``."""

    @property
    def name(self) -> str:
        """What it calls itself."""

    @property
    def vendor(self) -> int:
        """Who made it."""

    @property
    def product(self) -> int:
        """Its model."""

    def close(self) -> None:
        """Let go of it."""


class Mouse(DescribedMouse, Protocol):
    """One opened device."""

    def fileno(self) -> int:
        """To wait on."""

    def events(self) -> Iterator[tuple[int, int, int, int]]:
        """What is there: type, code, value, monotonic nanoseconds. Never blocks.

        Raises
        ------
        Dropped
            If events were lost; it can be read on afterwards.
        OSError
            If the device has gone.
        """


class EvdevMouse:
    """A `Mouse` through libevdev.

    Parameters
    ----------
    node : str
        Such as ``/dev/input/event3``.

    Raises
    ------
    OSError
        If it may not be opened.
    """

    def __init__(self, node: str) -> None:
        import libevdev

        self._lost = libevdev.EventsDroppedException
        self.node = node
        self._file: IO[bytes] = open(  # noqa: SIM115  (closed by close)
            os.open(node, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb", buffering=0
        )
        try:
            self._device: Any = libevdev.Device(self._file)
            fcntl.ioctl(self._file, SET_CLOCK, struct.pack("i", CLOCK_MONOTONIC))
        except OSError:
            self._file.close()
            raise
        self.name = str(self._device.name)
        self.vendor, self.product = int(self._device.id["vendor"]), int(self._device.id["product"])

    def is_mouse(self) -> bool:
        """True for what moves in two axes and clicks; a touchpad tells places instead, which mean little here."""
        bits = {
            int(kind.value): {int(code.value) for code in codes}
            for kind, codes in self._device.evbits.items()
        }
        return {REL_X, REL_Y} <= bits.get(EV_REL, set()) and BTN_LEFT in bits.get(EV_KEY, set())

    def fileno(self) -> int:
        """See `Mouse.fileno`."""
        return self._file.fileno()

    def events(self) -> Iterator[tuple[int, int, int, int]]:
        """See `Mouse.events`."""
        try:
            for event in self._device.events():
                t_ns = event.sec * 1_000_000_000 + event.usec * 1_000
                yield int(event.type.value), int(event.code.value), int(event.value), t_ns
        except self._lost as why:
            for _ in self._device.sync():
                pass  # what the device is like now says nothing about what was missed
            raise Dropped(self.name) from why

    def close(self) -> None:
        """See `Mouse.close`."""
        self._file.close()


def open_mice(folder: Path = INPUT, sys: Path = SYS) -> list[EvdevMouse]:
    """Every mouse that may be read, in the order of their nodes. Blocks some milliseconds a device.

    Raises
    ------
    CannotSee
        If libevdev is missing, or there are mice and none may be read.
    """
    try:
        import libevdev  # noqa: F401
    except (ImportError, OSError) as why:
        raise CannotSee(
            sentence("libevdev cannot be loaded ({why}): apt-get install libevdev2", why=str(why))
        ) from why
    nodes = sorted(folder.glob("event*"), key=lambda node: (len(node.name), node.name))
    mice, refused = [], []
    for node in nodes:
        try:
            mouse = EvdevMouse(str(node))
        except PermissionError:
            refused.append(node.name)
            continue
        except OSError as why:
            _log.info("%s: %s", node, why)
            continue
        if mouse.is_mouse():
            mice.append(mouse)
        else:
            mouse.close()
    if not mice and (
        len(refused) == len(nodes) > 0 or any(moves_like_a_mouse(name, sys) for name in refused)
    ):
        raise CannotSee(sentence(NOT_READABLE, folder=str(folder)))
    return mice


def number_of(node: str) -> int:
    """The number that the kernel gave a device: the source of its events."""
    return int(Path(node).name.removeprefix("event"))


def device_news() -> socket.socket:
    """A socket that can be read when the kernel adds or removes a device. Needs no rights.

    Raises
    ------
    OSError
        If the kernel has no such socket.
    """
    netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC, _KOBJECT_UEVENT)
    netlink.bind((0, 1))
    netlink.setblocking(False)
    return netlink


def drain(netlink: socket.socket) -> bool:
    """Read all the news; True where some was about an input device."""
    about_input = False
    while True:
        try:
            about_input |= b"SUBSYSTEM=input" in netlink.recv(8192)
        except BlockingIOError:
            return about_input
