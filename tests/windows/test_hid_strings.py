"""What Wine's one mouse tells of itself by HID: a name, and zeros for a serial number, which are none."""

from __future__ import annotations

import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="runs on a Windows Python: make windows-test")


def test_the_mouse_tells_its_name() -> None:
    from agent.host.windows.win32 import RealWin32

    win32 = RealWin32()
    (mouse,) = [device for device in win32.pointing_devices() if device.kind == "mouse"]
    assert (mouse.name, mouse.serial) == ("Wine HID mouse", "")
    assert win32.pointing_devices() == win32.pointing_devices()
