"""Mice on a real X server: how they are described, and that changes are told."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from agent.host.linux.idle import LinuxIdle
from agent.host.linux.mice import X11Mice

pytestmark = pytest.mark.display


def test_the_virtual_servers_mouse_is_described(bare_display: Any) -> None:
    mice = X11Mice()
    mouse = mice.current()
    assert (mouse.capture, mouse.bus, mouse.name) == ("pynput-x11", "virtual", "Xvfb mouse")
    assert mouse.screen_scale == 1.0
    assert mouse.pointer_speed > 0
    assert mouse.key == mice.current().key
    mice.close()


def test_the_key_stays_when_a_program_moves_the_mouse(bare_display: Any, generate: Any) -> None:
    mice = X11Mice()
    before = mice.current()
    generate(125, 5)
    assert mice.current() == before
    mice.close()


def test_screen_scale_is_what_the_desktop_publishes(bare_display: Any) -> None:
    from Xlib import Xatom
    from Xlib.display import Display

    x = Display()
    x.screen().root.change_property(Xatom.RESOURCE_MANAGER, Xatom.STRING, 8, b"Xft.dpi:\t144\n")
    x.sync()
    mice = X11Mice()
    assert mice.current().screen_scale == 1.5
    mice.close()
    x.close()


def test_another_speed_is_told_and_watching_ends_at_once(bare_display: Any) -> None:
    from Xlib.display import Display

    came, told = threading.Event(), []

    def changed(what: str) -> None:
        told.append(what)
        came.set()

    mice = X11Mice()
    mice.watch(changed)
    x = Display()
    x.change_pointer_control(accel=(3, 1), threshold=4)
    x.sync()
    # The core protocol tells nobody: it is seen with the next look.
    mice.look()
    assert came.wait(2)
    assert mice.current().pointer_speed == 3.0
    assert told == ["Xvfb mouse: pointer speed: 3, before 2"]
    began = time.monotonic()
    mice.close()
    assert time.monotonic() - began < 0.5
    x.close()


def test_idle_time_is_counted_by_the_server(bare_display: Any, generate: Any, bus_of_nobody: Any) -> None:
    idle = LinuxIdle(bus_of_nobody)
    generate(125, 3)
    first = idle.idle_ms()
    time.sleep(0.2)
    second = idle.idle_ms()
    assert first is not None
    assert second is not None
    assert first < 150 <= second - first + 10
    bare_display.server.terminate()
    bare_display.server.wait()
    assert idle.idle_ms() is None


@pytest.fixture
def bus_of_nobody() -> Any:
    from agent.host.linux.jeepney_bus import JeepneyBus

    return JeepneyBus({"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"})
