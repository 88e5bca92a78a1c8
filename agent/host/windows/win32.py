"""The Windows functions that this package calls, as one table that tests can replace.

This was not run on Windows: it follows Microsoft's reference, and its callers are tested with a scripted
table.
"""

from __future__ import annotations

import ctypes
from typing import Any, Final, Protocol

from agent.host.windows.hid_strings import HidStrings
from agent.host.windows.raw_devices import RawInputDevice, decode_device

_PER_MONITOR_AWARE: Final = 2
_SPI_GETMOUSE: Final = 0x0003
_SPI_GETMOUSESPEED: Final = 0x0070
_SM_SWAPBUTTON: Final = 23
_SM_REMOTESESSION: Final = 0x1000
_RIDI_DEVICENAME: Final = 0x20000007
_RIDI_DEVICEINFO: Final = 0x2000000B
_DEVICE_INFO_SIZE: Final = 32
_FAILED: Final = 0xFFFFFFFF
_SM_VIRTUAL_SCREEN: Final = (76, 77, 78, 79)
_CURRENT_SESSION: Final = -1
_WTS_SESSION_INFO_EX: Final = 25
# WTSINFOEXW: Level, padding, then SessionId, SessionState, SessionFlags of level 1.
_SESSION_FLAGS_AT: Final = 16
_FLAGS: Final = {0: True, 1: False}


class Win32(Protocol):
    """What is needed of Windows. Nothing here blocks for more than some ms."""

    def tick_ms(self) -> int:
        """GetTickCount: the 32-bit counter that stamps input."""

    def last_input_ms(self) -> int:
        """GetLastInputInfo: that counter at the last input."""

    def cursor(self) -> tuple[int, int]:
        """GetCursorPos, in px."""

    def virtual_screen(self) -> tuple[int, int, int, int]:
        """Left, top, width and height of all monitors together, in px."""

    def be_dpi_aware(self) -> None:
        """Have positions told in real pixels. Before any window is made."""

    def lock_workstation(self) -> bool:
        """LockWorkStation: True means that the request was taken, not that the screen is locked."""

    def session_locked(self) -> bool | None:
        """The session's flags: locked, unlocked, or not known."""

    def mouse_speed(self) -> int:
        """SPI_GETMOUSESPEED, 1-20; 10 is the default."""

    def enhances_precision(self) -> bool:
        """SPI_GETMOUSE: True where the pointer is accelerated."""

    def pointing_devices(self) -> list[RawInputDevice]:
        """GetRawInputDeviceList: mice, touchpads, pens and touch screens."""

    def remote_session(self) -> bool:
        """SM_REMOTESESSION: True where the session's mouse is at another computer."""

    def swaps_buttons(self) -> bool:
        """SM_SWAPBUTTON."""

    def screen_dpi(self) -> int:
        """GetDpiForSystem: 96 is 100 %."""


class _RawDevice(ctypes.Structure):
    """RAWINPUTDEVICELIST."""

    _fields_ = (("handle", ctypes.c_void_p), ("kind", ctypes.c_uint32))


class RealWin32:
    """`Win32` by ctypes; made on Windows only."""

    def __init__(self) -> None:
        load: Any = ctypes.WinDLL  # type: ignore[attr-defined]  # exists on Windows only
        self._user32 = load("user32", use_last_error=True)
        self._kernel32 = load("kernel32", use_last_error=True)
        self._wtsapi32 = load("wtsapi32", use_last_error=True)
        self._strings = HidStrings()
        self._kernel32.GetTickCount.restype = ctypes.c_uint32

    def tick_ms(self) -> int:
        """See `Win32.tick_ms`."""
        return int(self._kernel32.GetTickCount())

    def last_input_ms(self) -> int:
        """See `Win32.last_input_ms`."""
        last_input = (ctypes.c_uint32 * 2)(8, 0)
        self._user32.GetLastInputInfo(ctypes.byref(last_input))
        return int(last_input[1])

    def cursor(self) -> tuple[int, int]:
        """See `Win32.cursor`."""
        point = (ctypes.c_int32 * 2)()
        self._user32.GetCursorPos(ctypes.byref(point))
        return int(point[0]), int(point[1])

    def virtual_screen(self) -> tuple[int, int, int, int]:
        """See `Win32.virtual_screen`."""
        left, top, width, height = (int(self._user32.GetSystemMetrics(n)) for n in _SM_VIRTUAL_SCREEN)
        return left, top, width, height

    def be_dpi_aware(self) -> None:
        """See `Win32.be_dpi_aware`."""
        load: Any = ctypes.WinDLL  # type: ignore[attr-defined]
        load("shcore").SetProcessDpiAwareness(_PER_MONITOR_AWARE)

    def lock_workstation(self) -> bool:
        """See `Win32.lock_workstation`."""
        return bool(self._user32.LockWorkStation())

    def session_locked(self) -> bool | None:
        """See `Win32.session_locked`."""
        session_info, size = ctypes.c_void_p(), ctypes.c_uint32()
        asked = self._wtsapi32.WTSQuerySessionInformationW(
            None, _CURRENT_SESSION, _WTS_SESSION_INFO_EX, ctypes.byref(session_info), ctypes.byref(size)
        )
        if not asked or session_info.value is None:
            return None
        try:
            return _FLAGS.get(ctypes.c_int32.from_address(session_info.value + _SESSION_FLAGS_AT).value)
        finally:
            self._wtsapi32.WTSFreeMemory(session_info)

    def mouse_speed(self) -> int:
        """See `Win32.mouse_speed`."""
        speed = ctypes.c_int32()
        self._user32.SystemParametersInfoW(_SPI_GETMOUSESPEED, 0, ctypes.byref(speed), 0)
        return int(speed.value)

    def enhances_precision(self) -> bool:
        """See `Win32.enhances_precision`."""
        parameters = (ctypes.c_int32 * 3)()
        self._user32.SystemParametersInfoW(_SPI_GETMOUSE, 0, ctypes.byref(parameters), 0)
        return bool(parameters[2])

    def pointing_devices(self) -> list[RawInputDevice]:
        """See `Win32.pointing_devices`. A list that grows between the two calls is asked for again once."""
        size = ctypes.sizeof(_RawDevice)
        for _ in range(2):
            count = ctypes.c_uint32()
            self._user32.GetRawInputDeviceList(None, ctypes.byref(count), size)
            table = (_RawDevice * max(1, count.value))()
            listed = ctypes.c_uint32(
                self._user32.GetRawInputDeviceList(table, ctypes.byref(count), size)
            ).value
            if listed != _FAILED:
                entries = (
                    decode_device(d.handle, *self._named(d.handle)) for d in table[:listed] if d.handle
                )
                return self._with_strings([entry for entry in entries if entry is not None])
        return []

    def _with_strings(self, devices: list[RawInputDevice]) -> list[RawInputDevice]:
        self._strings.forget_others({device.path for device in devices})
        names = [self._strings.of(device.path) for device in devices]
        return [
            device._replace(name=name.product, serial=name.serial)
            for device, name in zip(devices, names, strict=True)
        ]

    def remote_session(self) -> bool:
        """See `Win32.remote_session`."""
        return bool(self._user32.GetSystemMetrics(_SM_REMOTESESSION))

    def swaps_buttons(self) -> bool:
        """See `Win32.swaps_buttons`."""
        return bool(self._user32.GetSystemMetrics(_SM_SWAPBUTTON))

    def screen_dpi(self) -> int:
        """See `Win32.screen_dpi`."""
        return int(self._user32.GetDpiForSystem())

    def _named(self, handle: int) -> tuple[str, bytes]:
        """RIDI_DEVICENAME and RIDI_DEVICEINFO; empty for a device that has gone meanwhile."""
        length, device = ctypes.c_uint32(), ctypes.c_void_p(handle)
        self._user32.GetRawInputDeviceInfoW(device, _RIDI_DEVICENAME, None, ctypes.byref(length))
        name = ctypes.create_unicode_buffer(max(1, length.value))
        copied = self._user32.GetRawInputDeviceInfoW(device, _RIDI_DEVICENAME, name, ctypes.byref(length))
        size = ctypes.c_uint32(_DEVICE_INFO_SIZE)
        # The first field is the size of the structure.
        description = ctypes.create_string_buffer(_DEVICE_INFO_SIZE.to_bytes(4, "little"), _DEVICE_INFO_SIZE)
        described = self._user32.GetRawInputDeviceInfoW(
            device, _RIDI_DEVICEINFO, description, ctypes.byref(size)
        )
        if _FAILED in (ctypes.c_uint32(copied).value, ctypes.c_uint32(described).value):
            return "", b""
        return name.value, description.raw
