"""Signals become boundaries, each change once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from agent.engine.events import Boundary, Cause
from agent.host.linux.bus import SESSION, SYSTEM, BusError, Signal
from agent.host.linux.logind import LogindSession
from agent.host.linux.session import LinuxSession, SessionEvents
from agent.host.linux.xcover import CoverWatch

PATH = "/org/freedesktop/login1/session/_31"
LOGIND = "org.freedesktop.login1"


def active(locked: bool, saver: str = "org.gnome.ScreenSaver") -> Signal:
    return Signal("/x", saver, "ActiveChanged", (locked,))


def properties(path: str = PATH, **values: bool) -> Signal:
    changed = {name: ("b", value) for name, value in values.items()}
    body = (f"{LOGIND}.Session", changed, [])
    return Signal(path, "org.freedesktop.DBus.Properties", "PropertiesChanged", body)


def sleeping(begins: bool) -> Signal:
    return Signal("/org/freedesktop/login1", f"{LOGIND}.Manager", "PrepareForSleep", (begins,))


def causes(*signals: Signal) -> list[tuple[Cause, str] | None]:
    events = SessionEvents(PATH)
    told = [events.read(signal, t_ns) for t_ns, signal in enumerate(signals)]
    return [None if b is None else (b.cause, b.detail) for b in told]


def test_a_lock_that_two_tell_is_one() -> None:
    assert causes(active(True), properties(LockedHint=True), properties(LockedHint=False), active(False)) == [
        (Cause.SCREEN_LOCKED, "org.gnome.ScreenSaver"),
        None,
        None,
        (Cause.SCREEN_UNLOCKED, "org.gnome.ScreenSaver"),
    ]


def test_sleep_begins_and_ends() -> None:
    assert causes(sleeping(True), sleeping(False)) == [(Cause.SLEEP, "begins"), (Cause.SLEEP, "ends")]


def test_another_user_takes_the_seat_and_gives_it_back() -> None:
    assert causes(properties(Active=False), properties(Active=False), properties(Active=True)) == [
        (Cause.USER_SWITCH, "away"),
        None,
        (Cause.USER_BACK, "back"),
    ]


def test_other_sessions_and_other_signals_mean_nothing() -> None:
    other = Signal("/x", "org.example", "Changed", ())
    assert causes(properties("/other", LockedHint=True), other, properties(IdleHint=True)) == [None] * 3


def test_without_a_session_properties_of_nobody_count() -> None:
    assert SessionEvents("").read(properties("", LockedHint=True), 1) is None


def refuse_to_be_deaf(line: str) -> None:
    raise AssertionError(f"no bus went away: {line}")


def monitor(bus: Any, clock: Any) -> tuple[LinuxSession, list[Boundary]]:
    told: list[Boundary] = []
    session = LinuxSession(bus, LogindSession(bus), CoverWatch({}), clock)
    session.start(told.append, refuse_to_be_deaf)
    for thread in session._threads:
        thread.join(2)
    session.stop()
    return session, told


def test_both_buses_are_heard(bus: Any, clock: Any) -> None:
    bus.answers[f"{LOGIND}.Manager.GetSession"] = (PATH,)
    bus.answers[f"{LOGIND}.Session.LockedHint"] = False
    bus.answers[f"{LOGIND}.Session.Active"] = True
    bus.signals = {SYSTEM: [sleeping(True)], SESSION: [active(True)]}
    _, told = monitor(bus, clock)
    assert {b.cause for b in told} == {Cause.SLEEP, Cause.SCREEN_LOCKED}
    assert {b.t_ns for b in told} == {clock()}
    assert {rule["member"] for rule in bus.rules} == {"ActiveChanged", "PrepareForSleep", "PropertiesChanged"}


def test_an_unlock_is_told_also_when_the_agent_started_behind_a_lock(bus: Any, clock: Any) -> None:
    bus.answers[f"{LOGIND}.Manager.GetSession"] = (PATH,)
    bus.answers[f"{LOGIND}.Session.LockedHint"] = True
    bus.answers[f"{LOGIND}.Session.Active"] = True
    bus.signals = {SYSTEM: [properties(LockedHint=False)]}
    _, told = monitor(bus, clock)
    assert [b.cause for b in told] == [Cause.SCREEN_UNLOCKED]


def test_an_agent_that_starts_behind_another_users_screen_says_so(bus: Any, clock: Any) -> None:
    bus.answers[f"{LOGIND}.Manager.GetSession"] = (PATH,)
    bus.answers[f"{LOGIND}.Session.LockedHint"] = False
    bus.answers[f"{LOGIND}.Session.Active"] = False
    _, told = monitor(bus, clock)
    assert [(b.cause, b.detail) for b in told] == [(Cause.USER_SWITCH, "away")]


def test_without_any_bus_nothing_is_told_and_nobody_says(bus: Any, clock: Any) -> None:
    bus.answers[f"{LOGIND}.Manager.GetSession"] = BusError("no system bus")
    session, told = monitor(bus, clock)
    assert told == []
    assert session.is_locked() is None


def test_one_who_says_locked_is_enough(bus: Any, clock: Any) -> None:
    bus.answers = {
        f"{LOGIND}.Manager.GetSession": (PATH,),
        f"{LOGIND}.Session.LockedHint": False,
        "org.gnome.ScreenSaver.GetActive": [(True,), BusError("went away")],
    }
    bus.present.add("org.gnome.ScreenSaver")
    session = LinuxSession(bus, LogindSession(bus), CoverWatch({}), clock)
    assert session.is_locked() is True
    assert session.is_locked() is False


class Dying:
    """A subscription to a bus that goes away at once."""

    def signals(self) -> Iterator[Signal]:
        raise BusError("the bus went away")

    def close(self) -> None:
        pass


def test_what_happened_while_a_bus_was_away_is_asked_for_when_it_is_back(
    bus: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.host.linux.session._FIRST_WAIT_S", 0.001)
    bus.answers[f"{LOGIND}.Manager.GetSession"] = (PATH,)
    bus.answers[f"{LOGIND}.Session.LockedHint"] = [False, True]
    bus.answers[f"{LOGIND}.Session.Active"] = [True, False]
    bus.signals = {SYSTEM: []}
    subscribe, gone = bus.listen, [Dying(), BusError("not yet"), None]

    def listen(name: str, rules: list[dict[str, str]]) -> Any:
        there = gone.pop(0) if name == SYSTEM else None
        if isinstance(there, BusError):
            raise there
        return there or subscribe(name, rules)

    monkeypatch.setattr(bus, "listen", listen)
    told: list[Boundary] = []
    deaf: list[str] = []
    session = LinuxSession(bus, LogindSession(bus), CoverWatch({}), clock)
    session.start(told.append, deaf.append)
    for thread in session._threads:
        thread.join(2)
    session.stop()
    assert [b.cause for b in told] == [Cause.USER_SWITCH, Cause.SCREEN_LOCKED]
    assert deaf[0].startswith("the system bus went away")
    assert deaf[1:] == [""]
