"""Locking a session through logind and the greeter: believed when seen, on a scripted bus."""

from __future__ import annotations

import pytest

from agent.host.linux.bus import BusError
from agent.relay.active_sessions import ShownSession
from agent.relay.screen_locker import ScreenLocker, ScreenOutcome
from tests.agent.host.conftest import FakeClock, ScriptedBus

SESSION = ShownSession("2", 1000, "seat0")
GET = "org.freedesktop.login1.Manager.GetSession"
LOCK = "org.freedesktop.login1.Manager.LockSession"
HINT = "org.freedesktop.login1.Session.LockedHint"
ACTIVE = "org.freedesktop.login1.Session.Active"
GREETER = "org.freedesktop.DisplayManager.Seat.SwitchToGreeter"


@pytest.fixture
def bus() -> ScriptedBus:
    bus = ScriptedBus()
    bus.answers = {GET: ("/org/freedesktop/login1/session/_32",), LOCK: (), HINT: [False, False, True]}
    return bus


def locker(bus: ScriptedBus) -> ScreenLocker:
    return ScreenLocker(bus, FakeClock().sleep)


def asked(bus: ScriptedBus) -> list[tuple[str, tuple[object, ...]]]:
    return [call for call in bus.calls if call[0] != "GetSession"]


def test_the_session_is_locked_by_its_id_and_the_hint_is_waited_for(bus: ScriptedBus) -> None:
    report = locker(bus).lock(SESSION)
    assert report.outcome is ScreenOutcome.LOCKED
    assert asked(bus) == [("LockSession", ("2",))]


def test_a_session_that_says_it_is_locked_is_left_alone(bus: ScriptedBus) -> None:
    bus.answers[HINT] = True
    assert locker(bus).lock(SESSION).outcome is ScreenOutcome.ALREADY_LOCKED
    assert locker(bus).look(SESSION).outcome is ScreenOutcome.ALREADY_LOCKED
    assert asked(bus) == []


def test_a_session_that_does_not_come_to_say_so_gets_the_greeter(bus: ScriptedBus) -> None:
    bus.answers |= {HINT: False, GREETER: (), ACTIVE: [True, False]}
    report = locker(bus).lock(SESSION)
    assert report.outcome is ScreenOutcome.GREETER
    assert asked(bus) == [("LockSession", ("2",)), ("SwitchToGreeter", ())]
    assert report.tried[0].startswith("logind: asked, and the session does not say")


def test_a_right_that_is_missing_is_named_and_the_greeter_tried_at_once(bus: ScriptedBus) -> None:
    bus.answers |= {LOCK: BusError("Interactive authentication required."), HINT: False}
    bus.answers |= {GREETER: BusError("The name is not activatable")}
    report = locker(bus).lock(SESSION)
    assert report.outcome is ScreenOutcome.FAILED
    assert report.tried == (
        "logind: Interactive authentication required.",
        "greeter: The name is not activatable",
    )


def test_a_greeter_that_is_not_seen_is_none(bus: ScriptedBus) -> None:
    bus.answers |= {HINT: False, GREETER: (), ACTIVE: True}
    report = locker(bus).lock(SESSION)
    assert report.outcome is ScreenOutcome.FAILED
    assert report.tried[-1] == "greeter: asked, and the session is still shown"


def test_the_greeter_comes_whatever_the_session_says(bus: ScriptedBus) -> None:
    bus.answers |= {HINT: True, GREETER: (), ACTIVE: False}
    assert locker(bus).show_greeter(SESSION).outcome is ScreenOutcome.GREETER
    assert asked(bus) == [("LockSession", ("2",)), ("SwitchToGreeter", ())]


@pytest.mark.parametrize("seat", ["", "seat-usb", "seat1/../Seat0"])
def test_no_seat_no_greeter(bus: ScriptedBus, seat: str) -> None:
    report = locker(bus).show_greeter(ShownSession("2", 1000, seat))
    assert report.outcome is ScreenOutcome.FAILED
    assert "no seat that a display manager serves" in report.tried[-1]
