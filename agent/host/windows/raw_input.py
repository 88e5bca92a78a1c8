"""Raw input decoder: what WM_INPUT and WM_INPUT_DEVICE_CHANGE carry, as facts. Pure: bytes in, facts out.

References (learn.microsoft.com/windows/win32): "RAWINPUTHEADER structure" (api/winuser/ns-winuser-rawinputheader),
which says that the device's handle can be zero where a precision touchpad moves; "RAWMOUSE structure"
(ns-winuser-rawmouse); "WM_INPUT message" (inputdev/wm-input); "WM_INPUT_DEVICE_CHANGE message"
(inputdev/wm-input-device-change). Sizes and places are those of a 64-bit Windows.
"""

from __future__ import annotations

import struct
from enum import Enum
from typing import Final, NamedTuple

from agent.engine.events import Button

INPUT: Final = 0x00FF
DEVICE_CHANGE: Final = 0x00FE

# RAWINPUTHEADER: dwType, dwSize, hDevice, wParam. RAWMOUSE: usFlags, two bytes to align, usButtonFlags, usButtonData,
# ulRawButtons, lLastX, lLastY, ulExtraInformation.
_HEADER: Final = struct.Struct("<IIQQ")
_MOUSE: Final = struct.Struct("<H2xHhIiiI")
_CHANGE: Final = struct.Struct("<QQ")
_TYPE_MOUSE: Final = 0
_TYPE_HID: Final = 2
_ABSOLUTE: Final = 0x0001
_WHEEL: Final = 0x0400
_HORIZONTAL_WHEEL: Final = 0x0800
_ARRIVAL: Final = 1
_PRESSES: Final = {
    0x0001: Button.LEFT,
    0x0004: Button.RIGHT,
    0x0010: Button.MIDDLE,
    0x0040: Button.BACK,
    0x0100: Button.FORWARD,
}
# A release has the flag after that of the press.
_BUTTON_FLAGS: Final = tuple(
    (flag << later, button, later == 0) for flag, button in _PRESSES.items() for later in (0, 1)
)


class RawKind(Enum):
    """What kind of device sent a report."""

    MOUSE = "mouse"
    DIGITIZER = "digitizer"


class RawReport(NamedTuple):
    """One report of a device.

    Attributes
    ----------
    handle : int
        The device; 0 where Windows does not say: a precision touchpad, or a program (SendInput).
    kind : RawKind
    dx, dy : int
        Counts; of an absolute report the position, 0-65535.
    is_absolute : bool
    presses, releases : frozenset of Button
    wheel, tilt : int
        Turns of the wheels, 120 to a notch; positive away from the person and to the right.
    """

    handle: int
    kind: RawKind
    dx: int = 0
    dy: int = 0
    is_absolute: bool = False
    presses: frozenset[Button] = frozenset()
    releases: frozenset[Button] = frozenset()
    wheel: int = 0
    tilt: int = 0

    @property
    def moves(self) -> bool:
        """True where the report tells of movement."""
        return self.is_absolute or bool(self.dx or self.dy)


class DeviceChange(NamedTuple):
    """A device that came or went."""

    handle: int
    arrived: bool


def decode_report(raw: bytes) -> RawReport | None:
    """The report in the first bytes of a RAWINPUT; None for a keyboard's, and for what is cut short.

    Parameters
    ----------
    raw : bytes
        RAWINPUTHEADER, and of a mouse RAWMOUSE after it.
    """
    if len(raw) < _HEADER.size:
        return None
    device_type, _, handle, _ = _HEADER.unpack_from(raw)
    if device_type == _TYPE_HID:
        return RawReport(handle, RawKind.DIGITIZER)
    if device_type != _TYPE_MOUSE or len(raw) < _HEADER.size + _MOUSE.size:
        return None
    flags, buttons, turned, _, dx, dy, _ = _MOUSE.unpack_from(raw, _HEADER.size)
    is_absolute = bool(flags & _ABSOLUTE)
    if not buttons:
        return RawReport(handle, RawKind.MOUSE, dx, dy, is_absolute)
    return RawReport(
        handle,
        RawKind.MOUSE,
        dx,
        dy,
        is_absolute,
        frozenset(button for flag, button, is_press in _BUTTON_FLAGS if is_press and buttons & flag),
        frozenset(button for flag, button, is_press in _BUTTON_FLAGS if not is_press and buttons & flag),
        turned if buttons & _WHEEL else 0,
        turned if buttons & _HORIZONTAL_WHEEL else 0,
    )


def decode_change(raw: bytes) -> DeviceChange | None:
    """The two parameters of WM_INPUT_DEVICE_CHANGE, eight bytes each; None for what is cut short."""
    if len(raw) < _CHANGE.size:
        return None
    change, handle = _CHANGE.unpack_from(raw)
    return DeviceChange(handle, change == _ARRIVAL)
