"""Raw input devices: what Windows lists of mice, touchpads, pens and touch screens, and a number for each.

References (learn.microsoft.com/windows/win32): "GetRawInputDeviceList function" and "GetRawInputDeviceInfoW function"
(api/winuser), "RID_DEVICE_INFO structure" (ns-winuser-rid_device_info), "RID_DEVICE_INFO_HID structure"; the usages
of page 0x0D: "Hardware IDs for HIDClass devices" and the HID Usage Tables (usb.org). Run under Wine, which lists one
mouse.
"""

from __future__ import annotations

import struct
import threading
from collections.abc import Callable
from typing import Final, NamedTuple

from agent.engine.events import UNKNOWN_SOURCE

MOUSE: Final = "mouse"
TOUCHPAD: Final = "touchpad"
PEN: Final = "pen"
TOUCH_SCREEN: Final = "touch screen"

# RID_DEVICE_INFO: cbSize, dwType; of HID dwVendorId, dwProductId, dwVersionNumber, usUsagePage, usUsage.
_HEAD: Final = struct.Struct("<II")
_HID: Final = struct.Struct("<IIIHH")
_TYPE_MOUSE: Final = 0
_TYPE_HID: Final = 2
_DIGITIZERS: Final = 0x0D
_KINDS: Final = {0x01: PEN, 0x02: PEN, 0x04: TOUCH_SCREEN, 0x05: TOUCHPAD}


class RawInputDevice(NamedTuple):
    """One collection of a device, as raw input lists it.

    Attributes
    ----------
    handle : int
    path : str
        RIDI_DEVICENAME, as in ``\\\\?\\HID#VID_046D&PID_C08B&MI_00#7&2b7d3e4&0&0000#{…}``.
    kind : str
        ``mouse``, ``touchpad``, ``pen`` or ``touch screen``.
    vendor, product : str
        Four hexadecimal digits each where the device's own description tells them, else empty.
    name, serial : str
        What the device tells of itself by HID; empty where it does not.
    """

    handle: int
    path: str
    kind: str
    vendor: str = ""
    product: str = ""
    name: str = ""
    serial: str = ""


def decode_device(handle: int, path: str, description: bytes) -> RawInputDevice | None:
    """One entry of the list, from its name and RID_DEVICE_INFO; None for what is no pointing device."""
    if not path or len(description) < _HEAD.size:
        return None
    _, device_type = _HEAD.unpack_from(description)
    if device_type == _TYPE_MOUSE:
        return RawInputDevice(handle, path, MOUSE)
    if device_type != _TYPE_HID or len(description) < _HEAD.size + _HID.size:
        return None
    vendor, product, _, page, usage = _HID.unpack_from(description, _HEAD.size)
    if page != _DIGITIZERS or usage not in _KINDS:
        return None
    return RawInputDevice(handle, path, _KINDS[usage], f"{vendor:04x}", f"{product:04x}")


def device_part(path: str) -> str:
    """What the collections of one device have in common in their paths.

    A touchpad shows a mouse (``&Col01``, for systems that know no touchpads) and a digitizer (``&Col02``): two names
    that differ by the collection and by the last number of the instance.
    """
    parts = path.lower().removeprefix("\\\\?\\").split("#")
    if len(parts) < 3:
        return path.lower()
    hardware = "&".join(part for part in parts[1].split("&") if not part.startswith("col"))
    instance = parts[2].rpartition("&")[0] or parts[2]
    return "#".join((parts[0], hardware, instance))


class RawDevices:
    """Numbers devices for the events of capture, and says which of them moved last.

    One object for capture, which numbers what moves, and for the description of mice. A device that is plugged in
    again has its former number.

    Parameters
    ----------
    read : callable
        What raw input lists now.
    hears : bool
        True where capture can hear raw input: set to False once Windows has refused it.
    """

    def __init__(self, read: Callable[[], list[RawInputDevice]], *, hears: bool) -> None:
        self._read = read
        self._numbers: dict[str, int] = {}
        self._sources: dict[int, int] = {}
        self._lock = threading.Lock()
        self.hears = hears
        self.moved_last = UNKNOWN_SOURCE
        self.changed = threading.Event()

    def listed(self) -> dict[int, list[RawInputDevice]]:
        """The connected devices by number, each with its collections. Any thread."""
        devices: dict[int, list[RawInputDevice]] = {}
        entries = self._read()
        with self._lock:
            self._sources = {}
            for entry in entries:
                number = self._numbers.setdefault(device_part(entry.path), len(self._numbers) + 1)
                self._sources[entry.handle] = number
                devices.setdefault(number, []).append(entry)
        return devices

    def source_of(self, handle: int) -> int:
        """The number of the device with this handle; `UNKNOWN_SOURCE` without one. Asks again for one that is new."""
        if not handle:
            return UNKNOWN_SOURCE
        if handle not in self._sources:
            self.listed()
            self._sources.setdefault(handle, UNKNOWN_SOURCE)
            self.changed.set()
        return self._sources.get(handle, UNKNOWN_SOURCE)

    def change(self, handle: int) -> None:
        """A device came or went: whoever waits for `changed` looks again. The handle may mean another from now on."""
        self._sources.pop(handle, None)
        self.changed.set()
