"""What udev and its hardware database say of an input device."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.host.linux.processes import installed_program

# In this order: a pen tablet also calls itself a tablet's pad or a mouse.
_KINDS: Final = {
    "ID_INPUT_TABLET": "pen",
    "ID_INPUT_TOUCHSCREEN": "touch screen",
    "ID_INPUT_TOUCHPAD": "touchpad",
    "ID_INPUT_POINTINGSTICK": "pointing stick",
    "ID_INPUT_TRACKBALL": "trackball",
    "ID_INPUT_MOUSE": "mouse",
}
_MOST_CPI: Final = 100_000
_MOST_HZ: Final = 16_000


@dataclass(frozen=True, slots=True)
class UdevDevice:
    """One device; empty or 0 where it is not known.

    `cpi` and `report_rate_hz` are the hand-made table's defaults (MOUSE_DPI of hwdb): a CPI button on the mouse
    changes what it reports and is seen by nobody here.
    """

    kind: str = ""
    bus: str = ""
    serial: str = ""
    cpi: int = 0
    report_rate_hz: int = 0


def udev_device(properties: dict[str, str]) -> UdevDevice:
    """What a device's properties say."""
    cpi, rate_hz = parse_mouse_dpi(properties.get("MOUSE_DPI", ""))
    return UdevDevice(
        kind=next((kind for name, kind in _KINDS.items() if properties.get(name) == "1"), ""),
        bus=properties.get("ID_BUS", ""),
        # ID_SERIAL alone is a name that udev makes up; only the short one is the device's own.
        serial=properties.get("ID_SERIAL_SHORT", "")[:256],
        cpi=cpi,
        report_rate_hz=rate_hz,
    )


def parse_mouse_dpi(text: str) -> tuple[int, int]:
    """CPI and report rate in Hz from MOUSE_DPI: ``800@125 *1600@500``, where ``*`` marks the default.

    A list without a mark says nothing about which one is in use, so only a single entry counts then. What is no
    such list at all says nothing.
    """
    entries = [re.fullmatch(r"(\*?)(\d{1,6})(?:@(\d{1,5}))?", part) for part in text.split()]
    valid = [entry for entry in entries if entry]
    if len(valid) != len(entries):
        return 0, 0
    marked = [entry for entry in valid if entry[1]] or valid
    if len(marked) != 1:
        return 0, 0
    cpi, rate_hz = int(marked[0][2]), int(marked[0][3] or 0)
    return (cpi if cpi <= _MOST_CPI else 0), (rate_hz if rate_hz <= _MOST_HZ else 0)


def udev_properties(node: str) -> dict[str, str]:
    """``udevadm info`` of a node; empty where there is no udev. Blocks up to 500 ms, usually 10."""
    udevadm = installed_program("udevadm")
    if not udevadm:
        return {}
    try:
        done = subprocess.run(
            (udevadm, "info", "-q", "property", "-p", f"/sys/class/input/{Path(node).name}"),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=0.5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return {}
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
