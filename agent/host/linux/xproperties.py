"""Reads the properties of XInput2 devices and of the root window."""

from __future__ import annotations

import re
import struct
from typing import Any, Final

_ANY_TYPE: Final = 0
_LONGEST: Final = 64


class Properties:
    """The properties of one XInput2 device; what is not there is empty.

    Parameters
    ----------
    display : python-xlib Display
    device : int
        XInput2's number of the device.
    """

    def __init__(self, display: Any, device: int) -> None:
        self._display = display
        self._device = device

    def integers(self, name: str, least: int) -> list[int]:
        """Integers of 8, 16 or 32 bits; empty if there are fewer than `least`."""
        value = self._value(name)
        values = [int(v) for v in value] if not isinstance(value, str) else []
        return values if len(values) >= least else []

    def floats(self, name: str, least: int) -> list[float]:
        """32-bit floats, which X carries as integers."""
        return [struct.unpack("=f", struct.pack("=I", v & 0xFFFFFFFF))[0] for v in self.integers(name, least)]

    def text(self, name: str) -> str:
        """A string."""
        value = self._value(name)
        if isinstance(value, str):
            return value.rstrip("\0")
        return bytes(value).rstrip(b"\0").decode(errors="replace") if value else ""

    def _value(self, name: str) -> Any:
        atom = self._display.intern_atom(name, only_if_exists=True)
        if not atom:
            return ()
        told = self._display.xinput_get_device_property(self._device, atom, _ANY_TYPE, 0, _LONGEST)
        # python-xlib gives no value at all, or a pair of format and data, or the data.
        value = getattr(told, "value", None)
        if value is None:
            return ()
        return (
            value[1] if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], int) else value
        )


def screen_scale(display: Any) -> float:
    """The scale that desktops publish as Xft.dpi, 96 being 1.0."""
    from Xlib import Xatom

    told = display.screen().root.get_full_property(Xatom.RESOURCE_MANAGER, Xatom.STRING)
    text = told.value.decode(errors="replace") if told and isinstance(told.value, bytes) else ""
    found = re.search(r"^Xft\.dpi:\s*([0-9.]+)", text, re.MULTILINE)
    return round(float(found.group(1)) / 96.0, 3) if found else 1.0
