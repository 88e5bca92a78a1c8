"""Integrity levels by Windows' own functions. Under Wine all processes have the same."""

from __future__ import annotations

import ctypes
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="Windows alone has integrity levels")


def test_the_own_level_is_that_of_a_program_and_ui_access_is_not_there() -> None:
    from agent.host.windows.window_integrity import RealWindowIntegrity

    integrity = RealWindowIntegrity()
    assert integrity.own() in (0x1000, 0x2000, 0x2010, 0x3000, 0x4000)
    assert not integrity.has_ui_access()


def test_the_level_of_an_own_window_in_front_is_the_own() -> None:
    from agent.files.windows_library import windows_library
    from agent.host.windows.window_integrity import RealWindowIntegrity

    user32 = windows_library("user32")
    user32.CreateWindowExW.restype = ctypes.c_void_p
    user32.CreateWindowExW.argtypes = (
        *(ctypes.c_uint32, ctypes.c_wchar_p, ctypes.c_wchar_p, ctypes.c_uint32),
        *(ctypes.c_int,) * 4,
        *(ctypes.c_void_p,) * 4,
    )
    user32.DestroyWindow.argtypes = user32.SetForegroundWindow.argtypes = (ctypes.c_void_p,)
    visible = 0x10000000
    window = user32.CreateWindowExW(0, "STATIC", "front", visible, 0, 0, 50, 50, None, None, None, None)
    assert window
    try:
        user32.SetForegroundWindow(window)
        integrity = RealWindowIntegrity()
        assert integrity.foreground() == integrity.own()
    finally:
        user32.DestroyWindow(window)
