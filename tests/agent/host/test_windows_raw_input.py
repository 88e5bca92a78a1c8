"""Raw input's bytes: RAWINPUT and the parameters of WM_INPUT_DEVICE_CHANGE, laid out as winuser.h has them."""

from __future__ import annotations

import ctypes
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.engine.events import Button
from agent.host.windows.native_raw_input import RawEntry, native_raw_input
from agent.host.windows.raw_input import RawKind, RawReport, decode_change, decode_report

# RIM_TYPE*, MOUSE_MOVE_ABSOLUTE and RI_MOUSE_* of winuser.h.
TYPE_MOUSE, TYPE_KEYBOARD, TYPE_HID = 0, 1, 2
ABSOLUTE, VIRTUAL_DESKTOP = 0x01, 0x02
LEFT_DOWN, LEFT_UP, RIGHT_DOWN, BUTTON_5_UP, WHEEL, HWHEEL = 0x0001, 0x0002, 0x0004, 0x0200, 0x0400, 0x0800


class RawMouse(ctypes.Structure):
    """RAWMOUSE, its alignment left to ctypes as winuser.h leaves it to the compiler."""

    _fields_ = (
        ("flags", ctypes.c_uint16),
        ("buttons", ctypes.c_uint32),
        ("raw_buttons", ctypes.c_uint32),
        ("dx", ctypes.c_int32),
        ("dy", ctypes.c_int32),
        ("extra", ctypes.c_uint32),
    )


def raw_mouse(
    dx: int = 0, dy: int = 0, *, handle: int = 0x10001, flags: int = 0, buttons: int = 0, turned: int = 0
) -> bytes:
    """RAWINPUT of a mouse on a 64-bit system."""
    header = struct.pack("<IIQQ", TYPE_MOUSE, 48, handle, 1)
    return header + bytes(RawMouse(flags, buttons | (turned & 0xFFFF) << 16, 0, dx, dy, 0))


def test_a_movement_has_its_counts_and_its_device() -> None:
    report = decode_report(raw_mouse(-3, 120, handle=0xFFFF_1234_5678))
    assert report == RawReport(0xFFFF_1234_5678, RawKind.MOUSE, -3, 120)
    assert report.moves


def test_buttons_and_wheels() -> None:
    report = decode_report(raw_mouse(buttons=LEFT_DOWN | BUTTON_5_UP))
    assert report is not None
    assert (report.presses, report.releases) == ({Button.LEFT}, {Button.FORWARD})
    assert not report.moves
    turned = decode_report(raw_mouse(buttons=WHEEL, turned=-120))
    tilted = decode_report(raw_mouse(buttons=HWHEEL, turned=240))
    assert turned is not None
    assert tilted is not None
    assert (turned.wheel, turned.tilt, tilted.wheel, tilted.tilt) == (-120, 0, 0, 240)


def test_a_press_and_a_release_in_one_report() -> None:
    report = decode_report(raw_mouse(1, 0, buttons=LEFT_DOWN | LEFT_UP | RIGHT_DOWN))
    assert report is not None
    assert (report.presses, report.releases) == ({Button.LEFT, Button.RIGHT}, {Button.LEFT})


def test_an_absolute_report_is_a_place() -> None:
    report = decode_report(raw_mouse(32768, 0, flags=ABSOLUTE | VIRTUAL_DESKTOP))
    assert report is not None
    assert (report.is_absolute, report.dx, report.moves) == (True, 32768, True)


def test_a_precision_touchpads_mouse_has_no_handle() -> None:
    report = decode_report(raw_mouse(1, 1, handle=0))
    assert report is not None
    assert report.handle == 0


def test_of_a_digitizers_report_the_header_is_enough() -> None:
    header = struct.pack("<IIQQ", TYPE_HID, 60, 77, 1)
    assert decode_report(header) == RawReport(77, RawKind.DIGITIZER)
    assert decode_report(header + b"\x00" * 40) == RawReport(77, RawKind.DIGITIZER)


def test_a_keyboard_is_nothing() -> None:
    assert decode_report(struct.pack("<IIQQ", TYPE_KEYBOARD, 40, 5, 1) + b"\x00" * 24) is None


@pytest.mark.parametrize("size", range(48))
def test_what_is_cut_short_is_nothing(size: int) -> None:
    assert decode_report(raw_mouse(1, 1)[:size]) is None


@given(st.binary(max_size=96))
def test_no_bytes_end_the_decoder(raw: bytes) -> None:
    decode_report(raw)
    decode_change(raw)


@given(
    st.integers(-(2**31), 2**31 - 1),
    st.integers(-(2**31), 2**31 - 1),
    st.integers(0, 2**64 - 1),
    st.integers(0, 0x3FF),
)
def test_whatever_was_written_is_read(dx: int, dy: int, handle: int, buttons: int) -> None:
    report = decode_report(raw_mouse(dx, dy, handle=handle, buttons=buttons))
    assert report is not None
    assert (report.dx, report.dy, report.handle) == (dx, dy, handle)
    assert len(report.presses) + len(report.releases) == buttons.bit_count()


def test_devices_come_and_go() -> None:
    arrival, removal = 1, 2
    arrived = decode_change(struct.pack("<QQ", arrival, 0x70005))
    gone = decode_change(struct.pack("<QQ", removal, 0x70005))
    assert arrived == (0x70005, True)
    assert gone == (0x70005, False)
    assert decode_change(b"\x01") is None


def test_an_entry_has_the_layout_of_raw_input_c() -> None:
    assert ctypes.sizeof(RawEntry) == 64
    assert (RawEntry.message.offset, RawEntry.size.offset, RawEntry.content.offset) == (8, 12, 16)


def test_without_the_library_there_is_none(tmp_path: Path) -> None:
    assert native_raw_input(tmp_path / "none.dll", lambda path: pytest.fail(f"loaded {path}")) is None
