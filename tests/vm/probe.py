"""Inside the machine, as root: what a masked device tells of a mouse that has letter keys. One JSON line."""

from __future__ import annotations

import fcntl
import json
import os
import struct
import sys
import time
from pathlib import Path

from agent.mouse_service.masked_device import open_masked
from agent.mouse_service.report_assembler import EVENT

# linux/uinput.h
SET_EVBIT, SET_KEYBIT, SET_RELBIT, SET_MSCBIT = 0x40045564, 0x40045565, 0x40045566, 0x40045568
DEV_SETUP, DEV_CREATE = 0x405C5503, 0x5501
EV_SYN, EV_KEY, EV_REL, EV_MSC = 0, 1, 2, 4
KEY_A, BTN_LEFT, MSC_SCAN = 30, 0x110, 4
NAME = "Office mouse with keys"


def make_device() -> int:
    """A mouse that announces letters and scan codes as well."""
    fd = os.open("/dev/uinput", os.O_WRONLY | os.O_NONBLOCK)
    for kind in (EV_KEY, EV_REL, EV_MSC):
        fcntl.ioctl(fd, SET_EVBIT, kind)
    for key in (KEY_A, BTN_LEFT):
        fcntl.ioctl(fd, SET_KEYBIT, key)
    for axis in (0, 1):
        fcntl.ioctl(fd, SET_RELBIT, axis)
    fcntl.ioctl(fd, SET_MSCBIT, MSC_SCAN)
    fcntl.ioctl(fd, DEV_SETUP, struct.pack("HHHH80sI", 3, 0x1234, 0x5678, 1, NAME.encode(), 0))
    fcntl.ioctl(fd, DEV_CREATE)
    return fd


def node_of(name: str) -> Path:
    """The device's node, once it is there."""
    for _ in range(100):
        for folder in Path("/sys/class/input").glob("event*"):
            if (folder / "device/name").read_text().strip() == name:
                return Path("/dev/input", folder.name)
        time.sleep(0.1)
    sys.exit(f"{name} did not appear")


def send(fd: int, *events: tuple[int, int, int]) -> None:
    """One report of the made device."""
    for event in (*events, (EV_SYN, 0, 0)):
        os.write(fd, EVENT.pack(0, 0, *event))


def masked() -> dict[str, list[list[int]]]:
    """What an unmasked and a masked reader see of the same reports, as type and code."""
    made = make_device()
    node = node_of(NAME)
    time.sleep(1)
    plain = os.open(node, os.O_RDONLY | os.O_NONBLOCK)
    device = open_masked(str(node), int(node.name.removeprefix("event")))
    if device is None:
        sys.exit("it is not taken for a mouse")
    send(made, (EV_MSC, MSC_SCAN, 0x70004), (EV_KEY, KEY_A, 1))
    send(made, (EV_REL, 0, 5), (EV_KEY, BTN_LEFT, 1))
    send(made, (EV_KEY, KEY_A, 0), (EV_KEY, BTN_LEFT, 0))
    time.sleep(0.5)
    seen = {"plain": os.read(plain, 8192), "masked": device.read()}
    return {
        name: [[kind, code] for _, _, kind, code, _ in EVENT.iter_unpack(raw)] for name, raw in seen.items()
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(masked()) + "\n")
