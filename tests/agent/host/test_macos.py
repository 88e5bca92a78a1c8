"""macOS' services over a scripted table of functions. Nothing here ran on macOS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.engine.events import Button, EventBatch, EventKind
from agent.engine.mouse import MouseConfiguration, Source
from agent.files.devices import Declared, DeclaredDevice
from agent.host.api import CannotSee, LockResult
from agent.host.macos.pointer import MacPointer, TapDecoder
from agent.host.macos.services import macos_services
from agent.host.ring import Ring

PID, NUMBER, WHEEL_Y, WHEEL_X = 41, 3, 11, 12


def taken(scripted: Callable[..., Any], *events: tuple[int, dict[int, int]]) -> EventBatch:
    """Decode events that are tables of fields; each comes one ms after the last."""
    times = iter(range(1_000_000, 10**9, 1_000_000))
    table = scripted(
        location=lambda event: (-3.5, 4.25),
        time_ns=lambda event: next(times),
        field=lambda event, number: event.get(number, 0),
    )
    ring = Ring()
    decoder = TapDecoder(ring, table)
    for kind, fields in events:
        assert decoder.take(kind, fields) is fields
    return EventBatch.concat(item for item in ring.drain() if isinstance(item, EventBatch))


def test_kinds_buttons_and_times(scripted: Callable[..., Any]) -> None:
    seen = taken(
        scripted,
        (5, {}),
        (1, {}),
        (6, {}),
        (2, {}),
        (3, {}),
        (25, {NUMBER: 2}),
        (26, {NUMBER: 4}),
        (99, {}),
    )
    moved, dragged, pressed, released, _ = EventKind
    assert seen.kind.tolist() == [moved, pressed, dragged, released, pressed, pressed, released]
    assert seen.button.tolist() == [
        0,
        Button.LEFT,
        0,
        Button.LEFT,
        Button.RIGHT,
        Button.MIDDLE,
        Button.FORWARD,
    ]
    assert seen.x[0] == -3.5
    assert seen.t_ns.tolist() == [n * 1_000_000 for n in range(1, 8)]


def test_a_wheel_turns_both_ways_and_sideways(scripted: Callable[..., Any]) -> None:
    seen = taken(scripted, (22, {WHEEL_Y: 3}), (22, {WHEEL_Y: -1}), (22, {WHEEL_X: 1}), (22, {}))
    assert seen.button.tolist() == [Button.SCROLL_UP, Button.SCROLL_DOWN, Button.SCROLL_LEFT]


def test_events_of_programs_are_marked(scripted: Callable[..., Any]) -> None:
    assert taken(scripted, (5, {PID: 321}), (5, {})).synthetic.tolist() == [True, False]


class Listener:
    def __init__(self, trusted: bool) -> None:
        self.IS_TRUSTED = trusted
        self.alive = False

    def start(self) -> None:
        self.alive = True

    def wait(self) -> None:
        assert self.alive

    def stop(self) -> None:
        self.alive = False

    def join(self, timeout_s: float) -> None:
        assert timeout_s < 1

    def is_alive(self) -> bool:
        return self.alive


def test_without_permission_it_says_where_to_give_it(scripted: Callable[..., Any]) -> None:
    listener = Listener(trusted=False)
    with pytest.raises(CannotSee, match="Privacy & Security, Accessibility"):
        MacPointer(scripted(), lambda take: listener).start(Ring())
    assert not listener.alive


def test_with_permission_it_runs_until_stopped(scripted: Callable[..., Any]) -> None:
    pointer = MacPointer(scripted(), lambda take: Listener(trusted=True))
    assert not pointer.is_alive()
    pointer.start(Ring())
    assert pointer.is_alive()
    pointer.stop()
    assert not pointer.is_alive()


def test_a_lock_is_believed_when_the_session_says_so(scripted: Callable[..., Any]) -> None:
    state: dict[str, Any] = {}

    def lock() -> int:
        state["CGSSessionScreenIsLocked"] = 1
        return 0

    services = macos_services(scripted(session=lambda: dict(state), lock_screen=lock))
    assert services.session.is_locked() is False
    assert services.lock.lock().result is LockResult.LOCKED
    assert services.session.is_locked() is True


@pytest.mark.parametrize(
    ("session", "code", "result", "line"),
    [
        ({}, 5, LockResult.FAILED, "refused with code 5"),
        ({}, OSError("gone"), LockResult.FAILED, "has no SACLockScreenImmediate"),
        (None, 0, LockResult.UNAVAILABLE, "no graphical session"),
    ],
)
def test_a_lock_that_cannot_be_says_why(
    scripted: Callable[..., Any], session: Any, code: Any, result: LockResult, line: str
) -> None:
    def lock() -> int:
        if isinstance(code, OSError):
            raise code
        return int(code)

    report = macos_services(scripted(session=session, lock_screen=lock)).lock.lock()
    assert report.result is result
    assert line in report.tried[0]


def test_idle_time_and_the_pointers_settings(scripted: Callable[..., Any]) -> None:
    devices = [
        {"PrimaryUsagePage": 1, "PrimaryUsage": 6, "Product": "Keyboard"},
        {
            "PrimaryUsagePage": 1,
            "PrimaryUsage": 2,
            "Product": "Desk Mouse",
            "VendorID": 0x046D,
            "ProductID": 0xC077,
            "SerialNumber": "S1",
            "Transport": "USB",
            "ReportInterval": 8000,
            "HIDPointerResolution": 26_214_400,
        },
    ]
    declared = Declared((DeclaredDevice("046d", "c077", 1000),))
    table = scripted(idle_s=1.25, pointer_scaling=-1.0, pointing_devices=devices)
    services = macos_services(table, lambda: declared)
    assert services.idle.idle_ms() == 1250
    (mouse,) = services.mice.connected()
    assert (mouse.capture, mouse.pointer_speed, mouse.acceleration) == ("pynput-macos", -1.0, "flat")
    assert (mouse.bus, mouse.vendor, mouse.product, mouse.serial) == ("usb", "046d", "c077", "S1")
    assert (mouse.cpi, mouse.cpi_source) == (1000, Source.ADMINISTRATOR)
    assert (mouse.report_rate_hz, mouse.source_of("report_rate_hz")) == (125, Source.SYSTEM)


def test_several_mice_and_trackpads_are_told_apart_and_none_is_nothing(scripted: Callable[..., Any]) -> None:
    devices = [
        {"PrimaryUsagePage": 1, "PrimaryUsage": 2, "Product": "Apple Internal Trackpad"},
        {"PrimaryUsagePage": 1, "PrimaryUsage": 2, "Product": "Mouse", "VendorID": "046d", "Transport": 7},
    ]
    pad, mouse = macos_services(scripted(pointer_scaling=1.5, pointing_devices=devices)).mice.connected()
    assert (pad.kind, mouse.kind, mouse.vendor, mouse.bus) == ("touchpad", "mouse", "", "")
    assert all("2 mice are connected" in one.doubts[-1] for one in (pad, mouse))
    nothing = macos_services(scripted(pointing_devices=[])).mice
    assert (nothing.connected(), nothing.current()) == ((), MouseConfiguration("pynput-macos"))
