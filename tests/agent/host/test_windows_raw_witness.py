"""Hook and raw input together: sources of events, and a hook that is set again. Over scripted windows and counters."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from agent.engine.events import Boundary, Cause, EventBatch
from agent.host.ring import Ring
from agent.host.windows.native_hook import Entry
from agent.host.windows.native_raw_input import RawMessage
from agent.host.windows.pointer import WindowsPointer
from agent.host.windows.raw_devices import RawDevices
from agent.host.windows.raw_input import DEVICE_CHANGE, INPUT
from tests.agent.host.test_windows import MOVE, SCREEN, Listener
from tests.agent.host.test_windows_native_hook import S, ScriptedHook
from tests.agent.host.test_windows_raw_devices import OTHER, USB, Listed
from tests.agent.host.test_windows_raw_input import raw_mouse

MS = 10_000  # steps of the scripted counter


class CountingHook(ScriptedHook):
    """A hook whose counter a test moves on, and that counts how often it was set."""

    def __init__(self) -> None:
        super().__init__()
        self.reading = 500
        self.listeners: list[Listener] = []

    def make_listener(self) -> Any:
        self.listeners.append(Listener(lambda message, data: False))
        return self.listeners[-1]

    def counter(self) -> tuple[int, int]:
        return self.reading, 10_000_000


class ScriptedRawInput:
    """A window whose messages a test sends."""

    def __init__(self, *, hears: bool = True) -> None:
        self.waiting: list[RawMessage] = []
        self.hears = hears
        self.ended = False

    def begin(self) -> bool:
        return self.hears

    def end(self) -> None:
        self.ended = True

    def messages(self) -> Iterator[RawMessage]:
        while self.waiting:
            yield self.waiting.pop(0)


class Rig:
    """A started pointer source with everything scripted."""

    def __init__(self, scripted: Callable[..., Any], raw: ScriptedRawInput) -> None:
        self.hook, self.raw, self.ring = CountingHook(), raw, Ring()
        self.cursor, self.screen = (0, 0), SCREEN
        self.listed = Listed(USB, OTHER)
        self.devices = RawDevices(self.listed, hears=True)
        table = scripted(
            be_dpi_aware=None, virtual_screen=lambda: self.screen, tick_ms=0, cursor=lambda: self.cursor
        )
        self.pointer = WindowsPointer(
            table, self.devices, clock=lambda: 5 * S, find_native=lambda: self.hook, find_raw=lambda: raw
        )
        self.pointer.start(self.ring)

    def hook_moves(self, ms: float, x: int, y: int = 0, flags: int = 0) -> None:
        self.hook.ring.append(Entry(500 + int(ms * MS), 0, MOVE, x, y, 0, flags))

    def device_moves(self, ms: float, dx: int, handle: int) -> None:
        self.raw.waiting.append(RawMessage(500 + int(ms * MS), INPUT, raw_mouse(dx, handle=handle)))

    def events(self) -> EventBatch:
        self.pointer.sync()
        return EventBatch.concat(item for item in self.ring.drain() if isinstance(item, EventBatch))


@pytest.fixture
def rig(scripted: Callable[..., Any]) -> Iterator[Rig]:
    made = Rig(scripted, ScriptedRawInput())
    yield made
    made.pointer.stop()
    assert made.raw.ended


def wait_for(ready: Callable[[], bool]) -> None:
    end_s = time.monotonic() + 5.0
    while not ready():
        assert time.monotonic() < end_s
        threading.Event().wait(0.01)


def test_two_mice_are_two_sources_and_a_program_is_none(rig: Rig) -> None:
    first, second = rig.devices.source_of(100), rig.devices.source_of(101)
    for ms, x, dx, handle in ((10, 3, 5, 100), (18, 6, 5, 100), (500, 2, -7, 101)):
        rig.device_moves(ms + 1, dx, handle)
        rig.hook_moves(ms, x)
    rig.hook_moves(600, 40, flags=1)
    seen = rig.events()
    assert seen.source.tolist() == [first, first, second, -1]
    assert seen.synthetic.tolist() == [False, False, False, True]
    assert rig.devices.moved_last == second


def test_an_event_goes_on_without_being_asked_for_once_its_report_is_there(rig: Rig) -> None:
    rig.hook_moves(10, 3)
    rig.hook.news.set()
    wait_for(lambda: not rig.hook.ring)
    assert len(rig.ring) == 0
    rig.device_moves(12, 5, 101)
    wait_for(lambda: len(rig.ring) == 1)
    assert rig.events().source.tolist() == [rig.devices.source_of(101)]


def test_a_removed_hook_is_set_again_and_said(rig: Rig) -> None:
    for ms in range(0, 640, 8):
        rig.device_moves(ms, 4, 100)
    rig.hook.reading = 500 + 640 * MS
    # The pointer may just pass where the hook last saw it.
    wait_for(lambda: not rig.raw.waiting)
    rig.cursor = (320, 0)
    wait_for(lambda: len(rig.hook.listeners) == 2)
    first, again = rig.hook.listeners
    assert not first.is_alive()
    wait_for(again.is_alive)
    (boundary,) = rig.ring.drain()
    assert isinstance(boundary, Boundary)
    assert (boundary.cause, "fell silent" in boundary.detail) == (Cause.CAPTURE_RESTARTED, True)
    rig.hook_moves(700, 323)
    rig.device_moves(700, 3, 100)
    assert rig.events().source.tolist() == [rig.devices.source_of(100)]
    assert rig.pointer.is_alive()


def test_capture_is_alive_while_the_hook_is_set_again(rig: Rig) -> None:
    held, alive = threading.Event(), []

    class SlowListener(Listener):
        def wait(self) -> None:
            self.alive = False
            alive.append(rig.pointer.is_alive())
            self.alive = True
            held.set()

    rig.hook.make_listener = lambda: SlowListener(lambda message, data: False)  # type: ignore[method-assign]
    for ms in range(0, 640, 8):
        rig.device_moves(ms, 4, 100)
    rig.hook.reading, rig.cursor = 500 + 640 * MS, (320, 0)
    assert held.wait(5.0)
    assert alive == [True]


def test_a_mouse_that_is_pushed_against_the_edge_is_no_silence(rig: Rig) -> None:
    for ms in range(0, 640, 8):
        rig.device_moves(ms, 4, 100)
    rig.hook.reading = 500 + 640 * MS
    wait_for(lambda: not rig.raw.waiting)
    rig.pointer.sync()
    time.sleep(0.2)  # several looks of the follower
    assert len(rig.hook.listeners) == 1
    assert rig.ring.drain() == []


def test_a_device_that_comes_is_noticed(rig: Rig) -> None:
    rig.devices.changed.clear()
    rig.raw.waiting.append(
        RawMessage(500, DEVICE_CHANGE, (1).to_bytes(8, "little") + (101).to_bytes(8, "little"))
    )
    assert rig.devices.changed.wait(1.0)


def test_monitors_that_come_while_it_runs_are_followed(rig: Rig) -> None:
    rig.hook_moves(10, -3000, -10)
    assert rig.events().x.tolist() == [-1920]
    rig.screen = (-3840, -1080, 5760, 2160)
    rig.events()
    rig.hook_moves(20, -3000, -10)
    seen = rig.events()
    assert (seen.x.tolist(), seen.y.tolist()) == ([-3000], [-10])


def test_where_windows_refuses_raw_input_events_have_no_source(scripted: Callable[..., Any]) -> None:
    rig = Rig(scripted, ScriptedRawInput(hears=False))
    rig.hook_moves(10, 3)
    assert rig.events().source.tolist() == [-1]
    assert not rig.devices.hears
    rig.pointer.stop()
