"""Masked device: one input device of the kernel, opened so that it tells of movement and mouse buttons alone.

Many office mice announce letter keys as well. The kernel is told to leave out everything but relative movement, mouse
buttons and the ends of reports (EVIOCSMASK), and asked whether it does (EVIOCGMASK); a device that cannot be masked is
closed unread. What was queued before is thrown away. EVIOCGKEY, which asks for the state of all keys at this moment,
knows no masks: this program never calls it, and nothing but the program itself keeps it from that.
"""

from __future__ import annotations

import array
import fcntl
import os
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from agent.files.undo import undo_on_failure
from agent.host.linux.input_codes import (
    BTN_LEFT,
    BTN_TASK,
    CLOCK_MONOTONIC,
    EV_KEY,
    EV_REL,
    EV_SYN,
    EVENT_TYPES,
    GET_IDS,
    GET_MASK,
    GET_NAME,
    KEY_CODES,
    REL_CODES,
    REL_X,
    REL_Y,
    SET_CLOCK,
    SET_MASK,
    get_bits,
)

# struct input_mask: type, size of the bits in bytes, address of the bits.
_MASK: Final = struct.Struct("=IIQ")
_MASKS: Final = (
    (EV_SYN, EVENT_TYPES, (EV_SYN, EV_KEY, EV_REL)),
    (EV_KEY, KEY_CODES, range(BTN_LEFT, BTN_TASK + 1)),
    (EV_REL, REL_CODES, range(REL_CODES)),
)
_IDS: Final = struct.Struct("@4H")
# Whole events of the kernel's, as many as fit a packet.
_READ: Final = 512 * struct.calcsize("@llHHi")

Ioctl = Callable[[int, int, Any], Any]


class NotMaskable(Exception):
    """The kernel does not leave out what it was told to."""


@dataclass(frozen=True, slots=True)
class DeviceIdentity:
    """What a device calls itself.

    Attributes
    ----------
    number : int
        The kernel's number.
    name : str
    vendor, product : int
    """

    number: int
    name: str
    vendor: int
    product: int


class MaskedDevice:
    """One opened and masked mouse.

    Parameters
    ----------
    identity : DeviceIdentity
    fd : int
        Owned from here on.
    """

    def __init__(self, identity: DeviceIdentity, fd: int) -> None:
        self.identity = identity
        self._fd = fd

    def fileno(self) -> int:
        """To wait on."""
        return self._fd

    def read(self) -> bytes:
        """What is there, some hundred events at most; empty where there is nothing.

        Raises
        ------
        OSError
            If the device has gone.
        """
        try:
            raw = os.read(self._fd, _READ)
        except BlockingIOError:
            return b""
        if not raw:
            raise OSError("the device says no more")
        return raw

    def close(self) -> None:
        """Let go of it."""
        os.close(self._fd)


def open_masked(node: str, number: int, ioctl: Ioctl = fcntl.ioctl) -> MaskedDevice | None:
    """Open a device, and mask it; None where it is no mouse.

    Parameters
    ----------
    node : str
        Such as ``/dev/input/event3``.
    number : int
        Its number.
    ioctl : callable
        As `fcntl.ioctl`.

    Raises
    ------
    OSError
        If it may not be opened, or has gone.
    NotMaskable
        If the kernel does not mask it; it is closed again.
    """
    fd = os.open(node, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
    with undo_on_failure(lambda: os.close(fd)):
        if not is_mouse(fd, ioctl):
            os.close(fd)
            return None
        mask(fd, ioctl)
        # This also throws away what was queued before the masks held.
        ioctl(fd, SET_CLOCK, struct.pack("i", CLOCK_MONOTONIC))
        return MaskedDevice(_identity(fd, number, ioctl), fd)


def is_mouse(fd: int, ioctl: Ioctl = fcntl.ioctl) -> bool:
    """True for what moves in two axes and has a left button; a touchpad or a tablet tells places instead."""
    moves = _codes(ioctl(fd, get_bits(EV_REL, REL_CODES // 8), bytes(REL_CODES // 8)))
    presses = _codes(ioctl(fd, get_bits(EV_KEY, KEY_CODES // 8), bytes(KEY_CODES // 8)))
    return {REL_X, REL_Y} <= moves and BTN_LEFT in presses


def mask(fd: int, ioctl: Ioctl = fcntl.ioctl) -> None:
    """Leave movement, mouse buttons and the ends of reports, and see that nothing else is left.

    Raises
    ------
    NotMaskable
        If the kernel refuses, or says that other events pass.
    """
    for kind, codes, left in _MASKS:
        wanted = _bits(left, codes)
        try:
            _with_mask(fd, SET_MASK, kind, wanted, ioctl)
            holds = _with_mask(fd, GET_MASK, kind, bytes(len(wanted)), ioctl)
        except OSError as why:
            raise NotMaskable(f"the kernel does not mask events of type {kind}: {why}") from why
        if holds != wanted:
            raise NotMaskable(f"events of type {kind} pass that were to be left out")


def _with_mask(fd: int, request: int, kind: int, bits: bytes, ioctl: Ioctl) -> bytes:
    buffer = array.array("B", bits)
    ioctl(fd, request, bytearray(_MASK.pack(kind, len(bits), buffer.buffer_info()[0])))
    return buffer.tobytes()


def _bits(codes: Iterable[int], most: int) -> bytes:
    """A bitmap; the kernel takes whole words of 64 bits."""
    size = -(-most // 64) * 8
    return sum(1 << code for code in codes).to_bytes(size, "little")


def _codes(bits: bytes) -> set[int]:
    number = int.from_bytes(bits, "little")
    return {code for code in range(number.bit_length()) if number >> code & 1}


def _identity(fd: int, number: int, ioctl: Ioctl) -> DeviceIdentity:
    _, vendor, product, _ = _IDS.unpack(ioctl(fd, GET_IDS, bytes(_IDS.size)))
    name = ioctl(fd, GET_NAME, bytes(256)).split(b"\0", 1)[0]
    return DeviceIdentity(number, name.decode(errors="replace")[:256], vendor, product)
