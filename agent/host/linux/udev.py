"""What the kernel and udev know about an input device."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.engine.mouse import CpiSource

# linux/input.h
_BUSES: Final = {"0003": "usb", "0005": "bluetooth", "0006": "virtual", "0011": "ps2"}


@dataclass(frozen=True, slots=True)
class Hardware:
    """One device, as far as it is known; empty or 0 where it is not.

    `cpi` is the hand-made table's default (MOUSE_DPI of udev's hwdb): a CPI button on the mouse changes
    what it reports and is seen by nobody.
    """

    bus: str = ""
    serial: str = ""
    cpi: int = 0
    cpi_source: CpiSource = CpiSource.UNKNOWN
    report_rate_hz: int = 0


def hardware(
    node: str, sys: Path = Path("/sys"), properties: Callable[[str], dict[str, str]] | None = None
) -> Hardware:
    """What is known about a node such as ``/dev/input/event3``. Blocks up to 100 ms.

    Parameters
    ----------
    node : str
    sys : Path
        Where sysfs is mounted.
    properties : callable
        udev's properties of a node; by default ``udevadm info``.
    """
    device = sys / "class" / "input" / Path(node).name / "device"
    told = (properties or udev_properties)(node)
    # A program can make an input device that claims any bus; its place in the tree says what it is.
    made_by_program = "/devices/virtual/input/" in str(device.resolve())
    bus = (
        "virtual" if made_by_program else _BUSES.get(_read(device / "id" / "bustype"), told.get("ID_BUS", ""))
    )
    cpi, rate_hz = parse_mouse_dpi(told.get("MOUSE_DPI", ""))
    return Hardware(
        bus=bus,
        serial=told.get("ID_SERIAL_SHORT", "") or _read(device / "uniq"),
        cpi=cpi,
        cpi_source=CpiSource.HWDB if cpi else CpiSource.UNKNOWN,
        report_rate_hz=rate_hz,
    )


def parse_mouse_dpi(text: str) -> tuple[int, int]:
    """CPI and report rate in Hz from MOUSE_DPI: ``800@125 *1600@500``, where ``*`` marks the default.

    A list without a mark says nothing about which one is in use, so only a single entry counts then.
    """
    entries = re.findall(r"(\*?)(\d+)(?:@(\d+))?", text)
    marked = [entry for entry in entries if entry[0]] or (entries if len(entries) == 1 else [])
    if not marked:
        return 0, 0
    _, cpi, rate_hz = marked[0]
    return int(cpi), int(rate_hz or 0)


def udev_properties(node: str) -> dict[str, str]:
    """``udevadm info`` of a node; empty where there is no udev."""
    if shutil.which("udevadm") is None:
        return {}
    try:
        done = subprocess.run(
            ("udevadm", "info", "-q", "property", "-n", node),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=0.5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return {}
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)


def _read(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        return ""
