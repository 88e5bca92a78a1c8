"""Names and serial numbers that mice tell by HID, over scripted functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.files.devices import Declared, DeclaredDevice
from agent.host.windows.hid_strings import HidName, HidStrings
from agent.host.windows.mice import windows_mice
from agent.host.windows.mouse_watch import WindowsMice
from agent.host.windows.raw_devices import RawDevices, RawInputDevice

PATH = r"\\?\HID#VID_046D&PID_C08B&MI_00#7&2b7d3e4&0&0000#{378de44c-56ef-11d1-bc8c-00a0c91405dd}"
SECOND = PATH.replace("7&2b7d3e4", "7&9f8e7d6")


class Device:
    """One HID device behind CreateFileW and HidD_*; counts what is open, and how often it was asked."""

    def __init__(self, product: str | None, serial: str | None, handle: int = 30) -> None:
        self.strings = {"product": product, "serial": serial}
        self.handle, self.open, self.asked = handle, 0, 0

    def CreateFileW(self, path: str, access: int, share: int, *rest: Any) -> int:
        assert (path, access, share, rest) == (PATH, 0, 3, (None, 3, 0, None))
        self.open += self.handle > 0
        return self.handle

    def CloseHandle(self, handle: int) -> int:
        assert handle == self.handle
        self.open -= 1
        return 1

    def HidD_GetProductString(self, handle: int, buffer: Any, size: int) -> int:
        return self._tell("product", buffer, size)

    def HidD_GetSerialNumberString(self, handle: int, buffer: Any, size: int) -> int:
        return self._tell("serial", buffer, size)

    def _tell(self, which: str, buffer: Any, size: int) -> int:
        self.asked += 1
        text = self.strings[which]
        if text is None:
            return 0
        encoded = (text + "\0").encode("utf-16-le")[:size]
        buffer[: len(encoded)] = encoded
        return 1


@pytest.mark.parametrize(
    ("device", "name"),
    [
        (Device("G305 Mouse", "3A8C11F0"), ("G305 Mouse", "3A8C11F0")),
        (Device("  Maus  ", None), ("Maus", "")),
        (Device(None, None), ("", "")),
        (Device("Mouse\x07", "\u0409\u0409"), ("", "")),
        (Device("Mouse", "00 00"), ("Mouse", "")),
        (Device("Wine HID mouse", "0000"), ("Wine HID mouse", "")),
        (Device("Mouse", "0A"), ("Mouse", "0A")),
        (Device("x" * 300, "y" * 126), ("x" * 127, "y" * 126)),
        (Device("never", "asked", handle=-1), ("", "")),
    ],
)
def test_what_a_device_tells(device: Device, name: tuple[str, str]) -> None:
    assert HidStrings(device, device).of(PATH) == HidName(*name)
    assert device.open == 0


def test_a_device_is_asked_once_until_it_has_gone() -> None:
    device = Device("Mouse", "A1")
    strings = HidStrings(device, device)
    for _ in range(3):
        strings.of(PATH)
        strings.forget_others({PATH})
    assert device.asked == 2
    strings.forget_others(())
    strings.of(PATH)
    assert device.asked == 4
    assert strings.of("") == HidName()


def settings(scripted: Callable[..., Any]) -> Any:
    usual = {"mouse_speed": 12, "enhances_precision": True, "remote_session": False, "swaps_buttons": False}
    return scripted(**usual, screen_dpi=96)


def two(first: str, second: str) -> RawDevices:
    listed = [
        RawInputDevice(1, PATH, "mouse", name="G305", serial=first),
        RawInputDevice(2, SECOND, "mouse", name="G305", serial=second),
    ]
    return RawDevices(lambda: listed, hears=True)


def test_two_mice_of_one_model_are_two_where_they_carry_serial_numbers(scripted: Callable[..., Any]) -> None:
    declared = Declared((DeclaredDevice("046d", "c08b", 800), DeclaredDevice("046d", "c08b", 1600, "B2")))
    devices = two("A1", "B2")
    mice = WindowsMice(
        lambda: windows_mice(settings(scripted), declared, devices.listed(), hears_raw=True), devices
    )
    first, second = mice.connected()
    assert (first.serial, first.cpi, second.serial, second.cpi) == ("A1", 800, "B2", 1600)
    assert first.key != second.key
    assert (first.name, first.doubts) == ("G305", ())
    assert mice.of(devices.source_of(2)) == second


@pytest.mark.parametrize("serial", ["", "12345"])
def test_two_that_tell_the_same_are_one(scripted: Callable[..., Any], serial: str) -> None:
    devices = two(serial, serial)
    described = windows_mice(settings(scripted), Declared(), devices.listed(), hears_raw=True)
    assert len(set(described.values())) == 1
    assert bool(described[1].doubts) == (not serial)
