"""Devices are masked before anything is read, and one that cannot be masked is closed."""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from pathlib import Path
from typing import Any

import pytest

from agent.mouse_service.masked_device import NotMaskable, open_masked

# linux/input.h, written out: EVIOCGBIT of types 1 and 2, EVIOCGID, EVIOCGNAME(256), EVIOCGMASK, EVIOCSMASK and
# EVIOCSCLOCKID.
GET_KEYS, GET_RELS, GET_ID, GET_NAME = 0x80604521, 0x80024522, 0x80084502, 0x81004506
GET_MASK, SET_MASK, SET_CLOCK = 0x80104592, 0x40104593, 0x400445A0


def bitmap(codes: list[int], size: int) -> bytes:
    return sum(1 << code for code in codes).to_bytes(size, "little")


class Kernel:
    """Answers the requests of one device, and refuses every other."""

    def __init__(self, keys: list[int], rels: list[int]) -> None:
        self.keys, self.rels = bitmap(keys, 96), bitmap(rels, 2)
        self.masks: dict[int, bytes] = {}
        self.requests: list[int] = []
        self.lies = False
        self.knows_masks = True

    def __call__(self, fd: int, request: int, argument: Any) -> Any:
        self.requests.append(request)
        if request in (GET_MASK, SET_MASK):
            return self.mask(request, argument)
        if request == SET_CLOCK:
            assert argument == struct.pack("i", 1)
            return argument
        return {
            GET_KEYS: self.keys,
            GET_RELS: self.rels,
            GET_ID: struct.pack("4H", 3, 0x046D, 0xC077, 1),
            GET_NAME: b"Desk Mouse".ljust(256, b"\0"),
        }[request]

    def mask(self, request: int, argument: bytearray) -> bytearray:
        if not self.knows_masks:
            raise OSError(errno.EINVAL, "Invalid argument")
        kind, size, address = struct.unpack("=IIQ", argument)
        if request == SET_MASK:
            self.masks[kind] = ctypes.string_at(address, size)
        else:
            held = bytes([0xFF]) * size if self.lies else self.masks[kind]
            ctypes.memmove(address, held, size)
        return argument


@pytest.fixture
def node(tmp_path: Path) -> str:
    file = tmp_path / "event3"
    file.touch()
    return str(file)


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


OFFICE_MOUSE = [*range(1, 84), *range(0x110, 0x118)]


def test_a_mouse_with_letter_keys_is_masked_before_its_clock_empties_the_buffer(node: str) -> None:
    kernel = Kernel(OFFICE_MOUSE, [0, 1, 6, 8, 11, 12])
    device = open_masked(node, 3, kernel)
    assert device is not None
    device.close()
    assert (device.identity.name, device.identity.vendor, device.identity.product) == (
        "Desk Mouse",
        0x046D,
        0xC077,
    )
    assert kernel.masks[0] == bitmap([0, 1, 2], 8)
    assert kernel.masks[1] == bitmap([0x110, 0x111, 0x112, 0x113, 0x114, 0x115, 0x116, 0x117], 96)
    assert kernel.masks[2] == bitmap(list(range(16)), 8)
    assert kernel.requests.index(SET_CLOCK) > max(at for at, r in enumerate(kernel.requests) if r == GET_MASK)


@pytest.mark.parametrize(("keys", "rels"), [([30, 0x110], [0]), ([30, 48], [0, 1]), ([0x110], [8]), ([], [])])
def test_what_is_no_mouse_is_neither_masked_nor_left_open(
    node: str, keys: list[int], rels: list[int]
) -> None:
    before, kernel = open_files(), Kernel(keys, rels)
    assert open_masked(node, 3, kernel) is None
    assert kernel.masks == {}
    assert open_files() == before


@pytest.mark.parametrize("fault", ["lies", "knows_masks"])
def test_a_device_that_cannot_be_masked_is_closed(node: str, fault: str) -> None:
    before, kernel = open_files(), Kernel(OFFICE_MOUSE, [0, 1])
    setattr(kernel, fault, fault == "lies")
    with pytest.raises(NotMaskable):
        open_masked(node, 3, kernel)
    assert open_files() == before
    assert SET_CLOCK not in kernel.requests


def test_a_link_is_not_followed(node: str, tmp_path: Path) -> None:
    (tmp_path / "event4").symlink_to(node)
    with pytest.raises(OSError, match="event4"):
        open_masked(str(tmp_path / "event4"), 4, Kernel(OFFICE_MOUSE, [0, 1]))
