"""What the kernel says of an input device: /sys/class/input."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# linux/input.h
_BUSES: Final = {"0003": "usb", "0005": "bluetooth", "0006": "virtual", "0011": "ps2"}
_MOST_LEVELS: Final = 12
# Bits of REL_X and REL_Y, and of EV_KEY.
_BOTH_AXES: Final = 0b11
_HAS_BUTTONS: Final = 0b10
SYS: Final = Path("/sys")


@dataclass(frozen=True, slots=True)
class KernelDevice:
    """One device; empty or 0 where it is not known.

    Attributes
    ----------
    bus, vendor, product, version : str
        The bus by name, the numbers as four hexadecimal digits.
    serial, name : str
    port : str
        Where it is plugged in: no part of what a mouse is, but two of one identity differ by it.
    interval_hz : int
        The rate at which the USB host asks it at most, from the descriptor of its endpoint.
    """

    bus: str = ""
    vendor: str = ""
    product: str = ""
    version: str = ""
    serial: str = ""
    name: str = ""
    port: str = ""
    interval_hz: int = 0


def moves_like_a_mouse(node: str, sys: Path = SYS) -> bool:
    """Whether an input device reports motion along both axes and has buttons, by what anybody may read of it.

    Parameters
    ----------
    node : str
        Such as ``event3``.
    sys : Path
    """
    capabilities = sys / "class" / "input" / node / "device" / "capabilities"
    try:
        axes, kinds = (int((capabilities / name).read_text().split()[-1], 16) for name in ("rel", "ev"))
    except (OSError, ValueError, IndexError):
        return False
    return axes & _BOTH_AXES == _BOTH_AXES and bool(kinds & _HAS_BUTTONS)


def kernel_device(node: str, sys: Path = SYS) -> KernelDevice:
    """What is known about a node such as ``/dev/input/event3``. Reads a dozen small files."""
    device = sys / "class" / "input" / Path(node).name / "device"
    numbers = device / "id"
    # A program can make an input device that claims any bus; its place in the tree says what it is.
    made_by_program = "/devices/virtual/input/" in str(device.resolve())
    return KernelDevice(
        bus="virtual" if made_by_program else _BUSES.get(_read(numbers / "bustype"), ""),
        vendor=_number(numbers / "vendor"),
        product=_number(numbers / "product"),
        version=_number(numbers / "version"),
        serial=_read(device / "uniq"),
        name=_read(device / "name"),
        port=_read(device / "phys"),
        interval_hz=_interval_hz(device.resolve(), sys),
    )


def _interval_hz(device: Path, sys: Path) -> int:
    """From the interrupt endpoint of the USB interface that the device hangs on; 0 without one."""
    for level, folder in enumerate(device.parents):
        if level > _MOST_LEVELS or folder == sys:
            break
        for endpoint in sorted(folder.glob("ep_8*")):
            interval = re.fullmatch(r"(\d+)(us|ms)", _read(endpoint / "interval"))
            if interval and int(interval[1]):
                return round((1_000_000 if interval[2] == "us" else 1_000) / int(interval[1]))
    return 0


def _number(file: Path) -> str:
    """Four hexadecimal digits; empty where there are none, or nothing but zeros."""
    digits = _read(file)
    return digits if re.fullmatch("[0-9a-f]{4}", digits) and digits != "0000" else ""


def _read(file: Path) -> str:
    try:
        return file.read_text(errors="replace").strip()[:256]
    except OSError:
        return ""
