"""HID strings: product name and serial number that a device tells of itself.

References (learn.microsoft.com/windows-hardware): HidD_GetProductString, HidD_GetSerialNumberString (hidsdi.h), and
CreateFileW without any access right, which Windows grants for mice that it has opened for itself. Run under Wine,
whose mouse is "Wine HID mouse", number 0000; never on Windows itself.
"""

from __future__ import annotations

import ctypes
from collections.abc import Collection
from typing import Any, Final, NamedTuple

from agent.files.windows_library import windows_library

_SHARED: Final = 0x1 | 0x2
_OPEN_EXISTING: Final = 3
_INVALID: Final = (None, 0, ctypes.c_void_p(-1).value, -1)
# 126 characters of a USB string, and its end.
_BYTES: Final = 254


class HidName(NamedTuple):
    """What a device tells of itself; empty where it tells nothing that can be used."""

    product: str = ""
    serial: str = ""


NAMELESS: Final = HidName()


class HidStrings:
    """Asks each device once, for as long as it is listed: a question goes to the device itself. One thread at a time.

    Parameters
    ----------
    kernel32, hid : optional
        The libraries; Windows' own where they are not given.
    """

    def __init__(self, kernel32: Any = None, hid: Any = None) -> None:
        self._kernel32 = kernel32 or windows_library("kernel32")
        self._hid = hid or windows_library("hid")
        self._names: dict[str, HidName] = {}

    def of(self, path: str) -> HidName:
        """What the device behind a raw input path tells."""
        if path not in self._names:
            self._names[path] = self._read(path)
        return self._names[path]

    def forget_others(self, paths: Collection[str]) -> None:
        """Ask anew for devices that have gone, once they come again."""
        self._names = {path: name for path, name in self._names.items() if path in paths}

    def _read(self, path: str) -> HidName:
        if not path:
            return NAMELESS
        device = self._kernel32.CreateFileW(path, 0, _SHARED, None, _OPEN_EXISTING, 0, None)
        if device in _INVALID:
            return NAMELESS
        try:
            product = self._text(self._hid.HidD_GetProductString, device)
            serial = self._text(self._hid.HidD_GetSerialNumberString, device)
        finally:
            self._kernel32.CloseHandle(device)
        return HidName(product, serial if _is_serial(serial) else "")

    def _text(self, ask: Any, device: int) -> str:
        buffer = ctypes.create_string_buffer(_BYTES + 2)
        if not ask(device, buffer, _BYTES):
            return ""
        text = buffer.raw.decode("utf-16-le", "replace").split("\0", 1)[0].strip()
        return text if text.isprintable() else ""


def _is_serial(text: str) -> bool:
    """Whether it is a word of letters and digits; what some mice send in its place, such as zeros, tells nothing."""
    return text.isascii() and " " not in text and bool(text.strip("0"))
