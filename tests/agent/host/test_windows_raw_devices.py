"""Devices as raw input lists them, numbered and described; the entries follow "RID_DEVICE_INFO structure"."""

from __future__ import annotations

import struct
import threading
from collections.abc import Callable
from typing import Any

import pytest

from agent.files.devices import Declared
from agent.host.windows.mice import windows_mice
from agent.host.windows.mouse_watch import WindowsMice
from agent.host.windows.raw_devices import RawDevices, RawInputDevice, decode_device, device_part

USB = r"\\?\HID#VID_046D&PID_C08B&MI_00#7&2b7d3e4&0&0000#{378de44c-56ef-11d1-bc8c-00a0c91405dd}"
OTHER = r"\\?\HID#VID_1532&PID_0084&MI_00#7&1a2b3c4&0&0000#{378de44c-56ef-11d1-bc8c-00a0c91405dd}"
PAD_MOUSE = r"\\?\HID#SYNA2B31&Col01#5&2e8cc7f4&0&0000#{378de44c-56ef-11d1-bc8c-00a0c91405dd}"
PAD = r"\\?\HID#SYNA2B31&Col02#5&2e8cc7f4&0&0001#{4d1e55b2-f16f-11cf-88cb-001111000030}"
PEN = r"\\?\HID#WACF2200&Col03#5&11aa22bb&0&0002#{4d1e55b2-f16f-11cf-88cb-001111000030}"
MOUSE_TYPE, KEYBOARD_TYPE, HID_TYPE = 0, 1, 2


def mouse_description() -> bytes:
    """RID_DEVICE_INFO of a mouse: dwId, dwNumberOfButtons, dwSampleRate, fHasHorizontalWheel."""
    return struct.pack("<IIIIII", 32, MOUSE_TYPE, 256, 5, 0, 0) + b"\x00" * 8


def hid_description(vendor: int, product: int, page: int, usage: int) -> bytes:
    return struct.pack("<IIIIIHH", 32, HID_TYPE, vendor, product, 1, page, usage) + b"\x00" * 8


@pytest.mark.parametrize(
    ("page", "usage", "kind"),
    [
        (0x0D, 0x05, "touchpad"),
        (0x0D, 0x02, "pen"),
        (0x0D, 0x04, "touch screen"),
        (0x0D, 0x0E, ""),
        (0x01, 0x06, ""),
        (0x0C, 0x01, ""),
    ],
)
def test_a_digitizer_is_what_its_usage_says(page: int, usage: int, kind: str) -> None:
    device = decode_device(5, PAD, hid_description(0x06CB, 0xCE44, page, usage))
    assert device == (RawInputDevice(5, PAD, kind, "06cb", "ce44") if kind else None)


def test_a_mouse_is_a_mouse_and_a_keyboard_is_nothing() -> None:
    assert decode_device(3, USB, mouse_description()) == RawInputDevice(3, USB, "mouse")
    assert decode_device(3, USB, struct.pack("<II", 32, KEYBOARD_TYPE) + b"\x00" * 24) is None
    assert decode_device(3, USB, mouse_description()[:4]) is None
    assert decode_device(3, "", b"") is None


def test_the_collections_of_one_device_have_one_part() -> None:
    assert device_part(PAD) == device_part(PAD_MOUSE)
    assert len({device_part(path) for path in (USB, OTHER, PAD, PEN)}) == 4
    assert device_part(r"\\?\odd") == r"\\?\odd"


class Listed:
    """What raw input lists, as a test plugs it in and out."""

    def __init__(self, *paths: str) -> None:
        self.paths = list(paths)
        self.first_handle = 100

    def __call__(self) -> list[RawInputDevice]:
        kinds = {PAD: "touchpad", PEN: "pen"}
        return [
            RawInputDevice(self.first_handle + n, path, kinds.get(path, "mouse"))
            for n, path in enumerate(self.paths)
        ]


def test_a_device_keeps_its_number_when_it_is_plugged_in_again() -> None:
    listed = Listed(USB, OTHER)
    devices = RawDevices(listed, hears=True)
    first, second = devices.source_of(100), devices.source_of(101)
    assert first != second
    assert min(first, second) > 0
    listed.first_handle, listed.paths = 500, [OTHER, USB]
    devices.change(100)
    assert devices.changed.is_set()
    assert (devices.source_of(501), devices.source_of(500)) == (first, second)


def test_a_handle_that_nobody_lists_and_no_handle_are_unknown() -> None:
    devices = RawDevices(Listed(USB), hears=True)
    assert (devices.source_of(0), devices.source_of(77)) == (-1, -1)


def table(scripted: Callable[..., Any]) -> Any:
    return scripted(
        mouse_speed=10, enhances_precision=True, remote_session=False, swaps_buttons=False, screen_dpi=96
    )


def mice_of(
    scripted: Callable[..., Any], listed: Listed, *, hears: bool = True
) -> tuple[WindowsMice, RawDevices]:
    devices, win32 = RawDevices(listed, hears=hears), table(scripted)
    read = lambda: windows_mice(win32, Declared(), devices.listed(), hears_raw=hears)  # noqa: E731
    return WindowsMice(read, devices), devices


def test_a_touchpad_is_one_device_with_its_mouse_and_pens_are_pens(scripted: Callable[..., Any]) -> None:
    mice, _ = mice_of(scripted, Listed(PAD_MOUSE, PAD, PEN, USB))
    assert [(mouse.kind, mouse.vendor) for mouse in mice.connected()] == [
        ("touchpad", ""),
        ("", "046d"),
        ("pen", ""),
    ]


def test_each_event_belongs_to_the_mouse_that_made_it(scripted: Callable[..., Any]) -> None:
    mice, devices = mice_of(scripted, Listed(USB, OTHER))
    main = mice.current()
    assert main.vendor == "046d"
    first, second = devices.source_of(100), devices.source_of(101)
    assert [mice.of(n).vendor for n in (first, second, -1)] == ["046d", "1532", "046d"]  # type: ignore[union-attr]
    devices.moved_last = second
    assert mice.current().vendor == "1532"
    assert mice.of(-1) == mice.of(second)
    either = mice.of(0)
    assert either is not None
    assert either.twin
    assert "046d:c08b" in either.name
    assert "1532:0084" in either.name


def test_without_raw_input_several_mice_are_one_of_several(scripted: Callable[..., Any]) -> None:
    mice, _ = mice_of(scripted, Listed(USB, OTHER, PEN), hears=False)
    assert mice.current().twin
    assert len(mice.connected()) == 2
    assert all("which of them moves" in mouse.doubts[-1] for mouse in mice.connected())


def test_devices_that_come_and_go_are_noticed_at_once(scripted: Callable[..., Any]) -> None:
    listed = Listed(USB)
    mice, devices = mice_of(scripted, listed)
    noticed, words = threading.Event(), []

    def changed(what: str) -> None:
        words.append(what)
        noticed.set()

    mice.watch(changed)
    for paths, expected in (([USB, OTHER], "was plugged in"), ([OTHER], "was taken out")):
        listed.paths = paths
        noticed.clear()
        devices.change(100)
        assert noticed.wait(1.0)
        assert expected in words[-1]
    mice.close()
    assert not any(thread.name == "steadyhand-mice" for thread in threading.enumerate())
