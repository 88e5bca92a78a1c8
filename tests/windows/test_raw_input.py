"""Raw input beside the hook, as Wine has it: one handle for every mouse, counts made of positions."""

from __future__ import annotations

import ctypes
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from agent.engine.events import Boundary, Cause, EventBatch
from agent.host.ring import Ring
from agent.host.windows.native_raw_input import RawMessage, native_raw_input
from agent.host.windows.pointer import WindowsPointer
from agent.host.windows.raw_devices import RawDevices
from agent.host.windows.raw_input import INPUT, decode_report

pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="runs on a Windows Python: make windows-test")

MOVED = 1
# A program of the machine below Wine: what it moves on the X display is a real mouse's to the hook.
XDOTOOL = r"Z:\usr\bin\xdotool"


@pytest.fixture
def user32() -> Any:
    load: Any = ctypes.WinDLL  # type: ignore[attr-defined]
    return load("user32")


@pytest.fixture
def win32() -> Any:
    from agent.host.windows.win32 import RealWin32

    return RealWin32()


class Capture:
    """The pointer source with raw input, and what it gave."""

    def __init__(self, win32: Any) -> None:
        self.ring = Ring()
        self.devices = RawDevices(win32.pointing_devices, hears=True)
        self.pointer = WindowsPointer(win32, self.devices, find_raw=native_raw_input)
        self.pointer.start(self.ring)
        time.sleep(0.3)

    def drained(self) -> tuple[EventBatch, list[Boundary]]:
        time.sleep(0.3)
        self.pointer.sync()
        items = self.ring.drain()
        batch = EventBatch.concat(item for item in items if isinstance(item, EventBatch))
        return batch, [item for item in items if isinstance(item, Boundary)]


@pytest.fixture
def capture(win32: Any) -> Iterator[Capture]:
    made = Capture(win32)
    yield made
    made.pointer.stop()


def by_mouse(steps: int) -> None:
    """Move as a real mouse does, 10 px to and fro."""
    words = [
        word
        for n in range(steps)
        for word in ("mousemove_relative", "--", "10" if n % 2 else "-10", "3", "sleep", "0.02")
    ]
    load: Any = ctypes.WinDLL  # type: ignore[attr-defined]
    # Wine has no handle for a program of the machine below: nobody can wait for its end.
    assert load("kernel32").WinExec(" ".join([XDOTOOL, *words]).encode(), 0) > 31
    time.sleep(steps * 0.025 + 0.3)


def test_one_mouse_is_listed(win32: Any) -> None:
    devices = RawDevices(win32.pointing_devices, hears=True)
    (number,) = [n for n, parts in devices.listed().items() if any(part.kind == "mouse" for part in parts)]
    assert number > 0


def test_reports_reach_the_message_window(user32: Any) -> None:
    raw_input = native_raw_input()
    assert raw_input is not None
    assert raw_input.begin()
    try:
        for step in range(20):
            user32.mouse_event(MOVED, 4 if step % 2 else -4, 0, 0, 0)
            time.sleep(0.01)
        time.sleep(0.3)
        messages = [m for m in raw_input.messages() if m.message == INPUT]
    finally:
        raw_input.end()
    reports = [report for report in map(decoded, messages) if report is not None and report.moves]
    assert len(reports) == 20
    assert {abs(report.dx) for report in reports} == {4}
    readings = [message.reading for message in messages]
    assert readings == sorted(readings)
    user32.mouse_event(MOVED, 4, 0, 0, 0)
    time.sleep(0.2)
    assert list(raw_input.messages()) == []


def decoded(message: RawMessage) -> Any:
    return decode_report(message.content)


def test_what_a_mouse_moves_has_its_source_and_what_a_program_moves_has_none(
    user32: Any, capture: Capture
) -> None:
    by_mouse(40)
    seen, boundaries = capture.drained()
    assert boundaries == []
    assert len(seen) >= 20  # the server merges what a busy computer fetches late
    assert not seen.synthetic.any()
    known = seen.source > 0
    assert known.mean() >= 0.9, seen.source.tolist()
    assert len(set(seen.source[known].tolist())) == 1
    for step in range(20):
        user32.mouse_event(MOVED, 4 if step % 2 else -4, 0, 0, 0)
    seen, _ = capture.drained()
    assert seen.synthetic.all()
    assert set(seen.source.tolist()) == {-1}


def test_a_removed_hook_is_set_again_within_two_seconds(capture: Capture) -> None:
    from pynput._util.win32 import SystemHook

    (hook,) = SystemHook._HOOKS.values()
    assert SystemHook._UnhookWindowsHookEx(hook._hook)
    began_s = time.monotonic()
    mover = threading.Thread(target=by_mouse, args=(200,))
    mover.start()
    said_s = 0.0
    boundaries: list[Boundary] = []
    while time.monotonic() - began_s < 5.0 and not boundaries:
        boundaries = [item for item in capture.ring.drain() if isinstance(item, Boundary)]
        said_s = time.monotonic() - began_s
        time.sleep(0.02)
    assert [boundary.cause for boundary in boundaries] == [Cause.CAPTURE_RESTARTED]
    assert said_s < 2.0, f"said {said_s:.2f} s after the hook was removed"
    mover.join()
    capture.drained()
    by_mouse(20)
    seen, again = capture.drained()
    assert len(seen) >= 10
    assert again == []
    assert capture.pointer.is_alive()
