"""The mouse hook with its procedure in C, as Wine has hooks: injected input, stamps, a hook that was removed."""

from __future__ import annotations

import ctypes
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from agent.engine.events import EventBatch, EventKind
from agent.host.ring import Ring
from agent.host.windows.native_hook import native_hook
from agent.host.windows.pointer import WindowsPointer
from agent.host.windows.raw_devices import RawDevices

pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="runs on a Windows Python: make windows-test")

MOVED, LEFT_DOWN, LEFT_UP = 1, 2, 4


@pytest.fixture
def user32() -> Any:
    load: Any = ctypes.WinDLL  # type: ignore[attr-defined]
    return load("user32")


@pytest.fixture
def ring() -> Ring:
    return Ring()


@pytest.fixture
def pointer(ring: Ring) -> Iterator[WindowsPointer]:
    from agent.host.windows.win32 import RealWin32

    assert native_hook() is not None, "packaging/windows/rig/kernel.sh compiles it"
    made = WindowsPointer(RealWin32(), RawDevices(list, hears=False))
    made.start(ring)
    time.sleep(0.3)
    yield made
    made.stop()


def drained(pointer: WindowsPointer, ring: Ring) -> EventBatch:
    time.sleep(0.3)
    pointer.sync()
    return EventBatch.concat(item for item in ring.drain() if isinstance(item, EventBatch))


def test_injected_input_is_heard_in_order_and_marked(
    user32: Any, pointer: WindowsPointer, ring: Ring
) -> None:
    before_ns = time.monotonic_ns()
    for step in range(50):
        user32.mouse_event(MOVED, 3 if step % 2 else -3, 0, 0, 0)
    user32.mouse_event(LEFT_DOWN, 0, 0, 0, 0)
    user32.mouse_event(LEFT_UP, 0, 0, 0, 0)
    seen = drained(pointer, ring)
    assert seen.kind.tolist() == [EventKind.MOVE] * 50 + [EventKind.PRESS, EventKind.RELEASE]
    assert seen.synthetic.all()
    steps = [later - earlier for earlier, later in zip(seen.t_ns[:-1], seen.t_ns[1:], strict=True)]
    assert all(step >= 0 for step in steps)
    # The monotonic clock steps by some milliseconds here; stamps do not.
    assert before_ns - 50_000_000 <= seen.t_ns[0] <= time.monotonic_ns() + 50_000_000
    assert len(set(seen.t_ns.tolist())) > 45


def test_a_hook_that_was_removed_behind_its_back_is_noticed(
    user32: Any, pointer: WindowsPointer, ring: Ring
) -> None:
    from pynput._util.win32 import SystemHook

    (hook,) = SystemHook._HOOKS.values()
    assert SystemHook._UnhookWindowsHookEx(hook._hook)
    for _ in range(3):
        assert pointer.is_alive()
        user32.mouse_event(MOVED, 5, 0, 0, 0)
        time.sleep(0.05)
        pointer.sync()
    assert not pointer.is_alive()
    assert len(drained(pointer, ring)) == 0
