"""The hook with its procedure in C: its ring read by the pointer source, over a scripted hook."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agent.engine.events import EventBatch
from agent.host.api import CannotSee
from agent.host.ring import Ring
from agent.host.windows.native_hook import CounterClock, Entry, native_hook, short_struct
from agent.host.windows.pointer import WindowsPointer
from tests.agent.host.test_windows import MOVE, SCREEN, Listener, no_devices

S = 1_000_000_000


class ScriptedHook:
    """A ring that a test fills; its counter makes ten million steps a second."""

    def __init__(self) -> None:
        self.ring: list[Entry] = []
        self.news = threading.Event()

    def make_listener(self) -> Any:
        return Listener(lambda message, data: False)

    def wait(self, milliseconds: int) -> bool:
        return self.news.wait(milliseconds / 1e3)

    def messages(self) -> Iterator[tuple[int, Any, int]]:
        self.news.clear()
        while self.ring:
            entry = self.ring.pop(0)
            yield entry.message, short_struct(entry), entry.counter

    def lost(self) -> int:
        return 0

    def counter(self) -> tuple[int, int]:
        return 500, 10_000_000


def started(scripted: Callable[..., Any], hook: ScriptedHook, ring: Ring) -> WindowsPointer:
    table = scripted(be_dpi_aware=None, virtual_screen=SCREEN, tick_ms=5000, cursor=(0, 0))
    pointer = WindowsPointer(table, no_devices(), clock=lambda: 5 * S, find_native=lambda: hook)
    pointer.start(ring)
    return pointer


def drained(ring: Ring) -> EventBatch:
    return EventBatch.concat(item for item in ring.drain() if isinstance(item, EventBatch))


def test_stamps_are_the_counters_and_not_the_messages_milliseconds(scripted: Callable[..., Any]) -> None:
    hook, ring = ScriptedHook(), Ring()
    pointer = started(scripted, hook, ring)
    for step in range(3):
        hook.ring.append(Entry(500 + step * 20_000, 5015, MOVE, step, 7, 0, step % 2))
    pointer.sync()
    pointer.stop()
    seen = drained(ring)
    assert seen.t_ns.tolist() == [5 * S, 5 * S + 2_000_000, 5 * S + 4_000_000]
    assert seen.x.tolist() == [0, 1, 2]
    assert seen.synthetic.tolist() == [False, True, False]


def test_what_comes_is_taken_without_being_asked_for(scripted: Callable[..., Any]) -> None:
    hook, ring = ScriptedHook(), Ring()
    pointer = started(scripted, hook, ring)
    hook.ring.append(Entry(500, 5015, MOVE, 3, 4, 0, 0))
    hook.news.set()
    for _ in range(200):
        if len(ring):
            break
        threading.Event().wait(0.01)
    pointer.stop()
    assert drained(ring).x.tolist() == [3]


def test_a_library_that_cannot_be_loaded_is_said(scripted: Callable[..., Any]) -> None:
    def broken() -> Any:
        raise OSError("not a library")

    table = scripted(be_dpi_aware=None, virtual_screen=SCREEN, tick_ms=0)
    with pytest.raises(CannotSee, match="not a library"):
        WindowsPointer(table, no_devices(), find_native=broken).start(Ring())


def test_the_counter_is_turned_into_monotonic_time() -> None:
    clock = CounterClock(1_000, 3_000_000, 7 * S)
    assert clock.t_ns(1_000) == 7 * S
    assert clock.t_ns(3_001_000) == 8 * S
    assert clock.t_ns(0) == 7 * S - 333_334
    assert np.diff([clock.t_ns(reading) for reading in range(1000)]).min() > 0


def test_an_entry_has_the_layout_of_hook_c(tmp_path: Path) -> None:
    assert ctypes.sizeof(Entry) == 32
    assert (Entry.counter.offset, Entry.time.offset, Entry.x.offset, Entry.flags.offset) == (0, 8, 16, 28)
    assert native_hook(tmp_path / "none.dll") is None
