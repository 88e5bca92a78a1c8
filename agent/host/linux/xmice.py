"""The pointing devices of an X server, each with its settings, as XInput2 and its properties tell them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from agent.host.linux.xdisplay import is_xtest, pointer_devices
from agent.host.linux.xproperties import Properties, screen_scale

_PROFILES: Final = ("adaptive", "flat", "custom")
# For devices of which udev knows nothing, by what they call themselves.
_KINDS: Final = (
    (re.compile(r"touchpad|glidepoint|trackpad", re.I), "touchpad"),
    (re.compile(r"stylus|eraser|\bpen\b|wacom", re.I), "pen"),
    (re.compile(r"trackpoint|pointing stick", re.I), "pointing stick"),
    (re.compile(r"touch ?screen", re.I), "touch screen"),
)


@dataclass(frozen=True, slots=True)
class XMouse:
    """One slave pointer.

    Attributes
    ----------
    number : int
        XInput2's number of it: the source of its events.
    name : str
    vendor, product : str
        Four hexadecimal digits, or empty.
    node : str
        Its device file, or empty.
    kind : str
        What it calls itself or what it can do; empty where nothing shows.
    speed : float or None
        libinput's setting; None where another driver is at work.
    acceleration : str
    left_handed : bool
    """

    number: int
    name: str
    vendor: str = ""
    product: str = ""
    node: str = ""
    kind: str = ""
    speed: float | None = None
    acceleration: str = ""
    left_handed: bool = False


@dataclass(frozen=True, slots=True)
class XMice:
    """All of them.

    Attributes
    ----------
    mice : tuple of XMouse
        Those that are enabled and not a program's.
    last : int
        Number of the one that moved last; -1 where none of them did.
    core_speed : float
        The core protocol's acceleration, for devices without libinput's.
    scale : float
    pointers : tuple of str
        The names of all pointers.
    """

    mice: tuple[XMouse, ...]
    last: int
    core_speed: float
    scale: float
    pointers: tuple[str, ...]


def read_xmice(display: Any) -> XMice:
    """Ask the server. Some round trips, a few ms."""
    from Xlib.ext.xinput import MasterPointer, SlavePointer

    display.xinput_query_version()
    devices = pointer_devices(display)
    real = [d for d in devices if d.use == SlavePointer and d.enabled and not is_xtest(d)]
    # A master's classes are copied from the device that moved last.
    moved = [c.sourceid for d in devices if d.use == MasterPointer for c in d.classes]
    numbers = {d.deviceid for d in real}
    speed = display.get_pointer_control()
    return XMice(
        mice=tuple(_mouse(display, device) for device in real),
        last=next((source for source in moved if source in numbers), -1),
        core_speed=round(float(speed.accel_num) / max(1, int(speed.accel_denom)), 4),
        scale=screen_scale(display),
        pointers=tuple(device.name for device in devices),
    )


def _mouse(display: Any, device: Any) -> XMouse:
    properties = Properties(display, device.deviceid)
    vendor, product = (properties.integers("Device Product ID", 2) or [0, 0])[:2]
    speed = properties.floats("libinput Accel Speed", 1)
    left = properties.integers("libinput Left Handed Enabled", 1)
    enabled = properties.integers("libinput Accel Profile Enabled", 2)
    profiles = [name for name, on in zip(_PROFILES, enabled, strict=False) if on]
    can_tap = bool(properties.integers("libinput Tapping Enabled", 1))
    named = next((kind for pattern, kind in _KINDS if pattern.search(device.name)), "")
    return XMouse(
        number=int(device.deviceid),
        name=str(device.name)[:256],
        vendor=f"{vendor:04x}" if 0 < vendor < 1 << 16 else "",
        product=f"{product:04x}" if 0 < product < 1 << 16 else "",
        node=properties.text("Device Node"),
        kind="touchpad" if can_tap else named,
        speed=round(speed[0], 4) if speed else None,
        acceleration=profiles[0] if profiles else "",
        left_handed=bool(left and left[0]),
    )
