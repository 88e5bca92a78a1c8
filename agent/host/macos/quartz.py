"""The macOS functions that this package calls, as one table that tests can replace.

This was not run on macOS: it follows Apple's reference, and its callers are tested with a scripted table.
"""

from __future__ import annotations

import ctypes
import plistlib
import subprocess
from typing import Any, Final, Protocol

_LOGIN: Final = "/System/Library/PrivateFrameworks/login.framework/Versions/Current/login"
_COMBINED_SESSION: Final = 0
_ANY_INPUT: Final = 0xFFFFFFFF


class Quartz(Protocol):
    """What is needed of macOS."""

    def location(self, event: Any) -> tuple[float, float]:
        """CGEventGetLocation, in px."""

    def field(self, event: Any, number: int) -> int:
        """CGEventGetIntegerValueField."""

    def time_ns(self, event: Any) -> int:
        """CGEventGetTimestamp: nanoseconds since start-up, as `time.monotonic_ns` counts them."""

    def session(self) -> dict[str, Any] | None:
        """CGSessionCopyCurrentDictionary; None outside a graphical session."""

    def idle_s(self) -> float:
        """Seconds since the last input of any kind."""

    def lock_screen(self) -> int:
        """SACLockScreenImmediate of a private framework: 0 when the request was taken."""

    def pointer_scaling(self) -> float:
        """``com.apple.mouse.scaling``; -1 is no acceleration, 0 not known. May block 100 ms."""

    def pointing_devices(self) -> list[Any]:
        """The HID registry's devices, as ioreg's dictionaries. May block 300 ms."""


class RealQuartz:
    """`Quartz` by PyObjC and ctypes; made on macOS only."""

    def __init__(self) -> None:
        import Quartz as objc  # type: ignore[import-not-found]

        self._objc = objc

    def location(self, event: Any) -> tuple[float, float]:
        """See `Quartz.location`."""
        point = self._objc.CGEventGetLocation(event)
        return float(point.x), float(point.y)

    def field(self, event: Any, number: int) -> int:
        """See `Quartz.field`."""
        return int(self._objc.CGEventGetIntegerValueField(event, number))

    def time_ns(self, event: Any) -> int:
        """See `Quartz.time_ns`."""
        return int(self._objc.CGEventGetTimestamp(event))

    def session(self) -> dict[str, Any] | None:
        """See `Quartz.session`."""
        dictionary = self._objc.CGSessionCopyCurrentDictionary()
        return None if dictionary is None else dict(dictionary)

    def idle_s(self) -> float:
        """See `Quartz.idle_s`."""
        return float(self._objc.CGEventSourceSecondsSinceLastEventType(_COMBINED_SESSION, _ANY_INPUT))

    def lock_screen(self) -> int:
        """See `Quartz.lock_screen`."""
        return int(ctypes.CDLL(_LOGIN).SACLockScreenImmediate())

    def pointer_scaling(self) -> float:
        """See `Quartz.pointer_scaling`."""
        command = ("defaults", "read", "-g", "com.apple.mouse.scaling")
        output = subprocess.run(command, capture_output=True, text=True, timeout=1.0, check=False).stdout
        try:
            return float(output)
        except ValueError:
            return 0.0

    def pointing_devices(self) -> list[Any]:
        """See `Quartz.pointing_devices`."""
        command = ("ioreg", "-r", "-c", "IOHIDDevice", "-a", "-d", "1")
        try:
            output = subprocess.run(command, capture_output=True, timeout=2.0, check=False).stdout
            devices = plistlib.loads(output) if output else []
        except (OSError, subprocess.TimeoutExpired, plistlib.InvalidFileException, ValueError):
            return []
        return [d for d in devices if isinstance(d, dict)] if isinstance(devices, list) else []
