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
        content = self._value(name)
        numbers = [int(v) for v in content] if not isinstance(content, str) else []
        return numbers if len(numbers) >= least else []

    def floats(self, name: str, least: int) -> list[float]:
        """32-bit floats, which X carries as integers."""
        return [struct.unpack("=f", struct.pack("=I", v & 0xFFFFFFFF))[0] for v in self.integers(name, least)]

    def text(self, name: str) -> str:
        """A string."""
        content = self._value(name)
        if isinstance(content, str):
            return content.rstrip("\0")
        return bytes(content).rstrip(b"\0").decode(errors="replace") if content else ""

    def _value(self, name: str) -> Any:
        atom = self._display.intern_atom(name, only_if_exists=True)
        if not atom:
            return ()
        answer = self._display.xinput_get_device_property(self._device, atom, _ANY_TYPE, 0, _LONGEST)
        # python-xlib gives no content at all, or a pair of format and data, or the data.
        content = getattr(answer, "value", None)
        if content is None:
            return ()
        return (
            content[1]
            if isinstance(content, tuple) and len(content) == 2 and isinstance(content[0], int)
            else content
        )


def screen_scale(display: Any) -> float:
    """The scale that desktops publish as Xft.dpi, 96 being 1.0."""
    from Xlib import Xatom

    resources = display.screen().root.get_full_property(Xatom.RESOURCE_MANAGER, Xatom.STRING)
    text = (
        resources.value.decode(errors="replace") if resources and isinstance(resources.value, bytes) else ""
    )
    dpi = re.search(r"^Xft\.dpi:\s*([0-9.]+)", text, re.MULTILINE)
    return round(float(dpi.group(1)) / 96.0, 3) if dpi else 1.0
