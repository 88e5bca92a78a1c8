"""Signals become boundaries, each change once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from agent.engine.events import Boundary, Cause
from agent.host.linux.bus import SESSION, SYSTEM, BusError, Signal
from agent.host.linux.lock_state import LockState, UnseenLock
from agent.host.linux.logind import LogindSession
from agent.host.linux.session import LinuxSession
from agent.host.linux.session_signals import ActiveSession, LockClaim, SessionFact, read_signal
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


def facts(*signals: Signal, path: str = PATH) -> list[SessionFact]:
    return [fact for signal in signals for fact in read_signal(signal, path, 7)]


def test_what_screen_savers_and_hints_say_is_a_claim() -> None:
    assert facts(active(True), properties(LockedHint=True), active(False)) == [
        LockClaim("org.gnome.ScreenSaver", True),
        LockClaim("LockedHint", True),
        LockClaim("org.gnome.ScreenSaver", False),
    ]


def test_sleep_begins_and_ends() -> None:
    assert facts(sleeping(True), sleeping(False)) == [
        Boundary(7, Cause.SLEEP, "begins"),
        Boundary(7, Cause.SLEEP, "ends"),
    ]


def test_one_change_may_tell_two_things() -> None:
    assert facts(properties(Active=False, LockedHint=True)) == [
        ActiveSession(False),
        LockClaim("LockedHint", True),
    ]


def test_other_sessions_and_other_signals_mean_nothing() -> None:
    other = Signal("/x", "org.example", "Changed", ())
    assert facts(properties("/other", LockedHint=True), other, properties(IdleHint=True)) == []
    assert facts(properties("", LockedHint=True), path="") == []


@pytest.mark.parametrize(
    "body",
    [
        (),
        (1,),
        ("true",),
        (None,),
        ((True,),),
        ([True],),
        (True, True),
        ({"a": True},),
        (("b", True),),
        (1.0,),
    ],
)
@pytest.mark.parametrize("member", ["ActiveChanged", "PrepareForSleep", "PropertiesChanged"])
def test_a_signal_of_another_form_means_nothing(member: str, body: tuple[Any, ...]) -> None:
    assert facts(Signal(PATH, "org.gnome.ScreenSaver", member, body)) == []


@pytest.mark.parametrize(
    "changed", [None, [], "x", {"LockedHint": True}, {"LockedHint": ("s", "yes")}, {"Active": ("b",)}, {1: 2}]
)
def test_properties_of_another_form_mean_nothing(changed: Any) -> None:
    assert facts(Signal(PATH, "x", "PropertiesChanged", ("y", changed, []))) == []


SECOND = 1_000_000_000


def test_a_lock_is_believed_when_it_is_seen_and_only_then() -> None:
    state = LockState(0)
    assert state.look(False, 0) == []
    state.claim(LockClaim("KDE", True), 10 * SECOND)
    assert state.look(False, 10 * SECOND) == []
    assert state.next_look_s(10 * SECOND) == 0.2
    assert state.look(True, 11 * SECOND) == [Boundary(11 * SECOND, Cause.SCREEN_LOCKED, "KDE")]
    assert state.next_look_s(20 * SECOND) == 2.0, "a lock that is seen is looked after"
    assert state.look(False, 22 * SECOND) == [Boundary(22 * SECOND, Cause.SCREEN_UNLOCKED, "KDE")]
    state.claim(LockClaim("KDE", False), 23 * SECOND)
    assert state.look(False, 30 * SECOND) == [], "who locked may say a moment late that it is over"


def test_a_claim_that_outlasts_the_lock_is_said() -> None:
    state = LockState(0)
    state.claim(LockClaim("KDE", True), 0)
    state.look(True, SECOND)
    state.look(False, 10 * SECOND)
    assert [type(news) for news in state.look(False, 13 * SECOND)] == [UnseenLock]


@pytest.mark.parametrize(("seen", "why"), [(False, "but no lock screen"), (None, "nothing here can show")])
def test_a_claim_that_is_not_seen_is_said_once_and_is_no_lock(seen: bool | None, why: str) -> None:
    state = LockState(0)
    state.look(seen, 0)
    state.claim(LockClaim("LockedHint", True), 5 * SECOND)
    assert state.look(seen, 6 * SECOND) == []
    (unseen,) = state.look(seen, 7 * SECOND)
    assert isinstance(unseen, UnseenLock)
    assert why in unseen.line
    assert state.look(seen, 8 * SECOND) == []
    assert state.next_look_s(8 * SECOND) is None, "and then it sleeps"
    state.claim(LockClaim("LockedHint", True), 9 * SECOND)
    assert state.look(seen, 20 * SECOND) == [], "said already"
    state.claim(LockClaim("LockedHint", False), 21 * SECOND)
    state.claim(LockClaim("LockedHint", True), 21 * SECOND)
    assert len(state.look(seen, 24 * SECOND)) == 1


def test_a_look_that_tells_nothing_ends_no_lock_and_three_do() -> None:
    state = LockState(0)
    state.look(True, 0)
    assert [state.look(seen, 0) for seen in (None, True, None, None)] == [[], [], [], []]
    assert [type(news) for news in state.look(None, 9 * SECOND)] == [Boundary]


def test_whoever_says_unlocked_does_not_unlock() -> None:
    state = LockState(0)
    state.claim(LockClaim("GNOME", True), 0)
    assert [type(news) for news in state.look(True, 0)] == [Boundary]
    state.claim(LockClaim("Eve", False), SECOND)
    assert state.look(True, SECOND) == []


class Seen:
    """What a look at the screen shows, until a test says otherwise."""

    def __init__(self, locked: bool | None = False) -> None:
        self.locked = locked
        self.looks = 0

    def __call__(self) -> bool | None:
        self.looks += 1
        return self.locked


class Listener:
    """Everything that a monitor tells."""

    def __init__(self) -> None:
        self.boundaries: list[Boundary] = []
        self.deaf: list[str] = []
        self.unseen: list[str] = []

    def start(self, session: LinuxSession) -> None:
        session.start(self.boundaries.append, self.deaf.append, self.unseen.append)


def monitor(bus: Any, seen: Seen, clock: Any) -> tuple[LinuxSession, Listener]:
    session, heard = LinuxSession(bus, LogindSession(bus), CoverWatch({}), seen, clock), Listener()
    heard.start(session)
    return session, heard


def test_both_buses_are_heard_and_a_lock_that_is_seen_is_told(bus: Any, clock: Any) -> None:
    bus.answers[f"{LOGIND}.Manager.GetSession"] = (PATH,)
    bus.answers[f"{LOGIND}.Session.LockedHint"] = False
    bus.answers[f"{LOGIND}.Session.Active"] = True
    bus.signals = {SYSTEM: [sleeping(True)], SESSION: [active(True)]}
    session, heard = monitor(bus, Seen(True), clock)
    assert soon(lambda: len(heard.boundaries) == 2)
    session.stop()
    assert {b.cause for b in heard.boundaries} == {Cause.SLEEP, Cause.SCREEN_LOCKED}
    assert {b.t_ns for b in heard.boundaries} == {clock()}
    assert {rule["member"] for rule in bus.rules} == {
        *("ActiveChanged", "PrepareForSleep", "PrepareForShutdown", "PropertiesChanged")
    }
    assert session.is_locked() is True


def test_a_hint_that_was_set_before_the_start_is_said_and_stops_nothing(bus: Any) -> None:
    bus.answers[f"{LOGIND}.Manager.GetSession"] = (PATH,)
    bus.answers[f"{LOGIND}.Session.LockedHint"] = True
    bus.answers[f"{LOGIND}.Session.Active"] = True
    bus.signals = {SYSTEM: []}
    session, heard = monitor(bus, Seen(False), time.monotonic_ns)
    assert soon(lambda: bool(heard.unseen))
    session.stop()
    assert heard.boundaries == []
    assert heard.unseen[0].startswith(
        "LockedHint says that the screen is locked, but no lock screen is shown"
    )


def test_an_agent_that_starts_behind_another_users_screen_says_so(bus: Any, clock: Any) -> None:
    bus.answers[f"{LOGIND}.Manager.GetSession"] = (PATH,)
    bus.answers[f"{LOGIND}.Session.LockedHint"] = False
    bus.answers[f"{LOGIND}.Session.Active"] = False
    session, heard = monitor(bus, Seen(), clock)
    session.stop()
    assert [(b.cause, b.detail) for b in heard.boundaries] == [(Cause.USER_SWITCH, "away")]


def test_without_any_bus_nothing_is_told_and_nobody_says(bus: Any, clock: Any) -> None:
    bus.answers[f"{LOGIND}.Manager.GetSession"] = BusError("no system bus")
    session, heard = monitor(bus, Seen(None), clock)
    session.stop()
    assert (heard.boundaries, heard.deaf, heard.unseen) == ([], [], [])
    assert session.is_locked() is None


class Listened:
    """A subscription: raises what a test wrote down, then waits until it is closed."""

    def __init__(self, *signals: Signal | Exception) -> None:
        self._signals = signals
        self._closed = threading.Event()

    def signals(self) -> Iterator[Signal]:
        for signal in self._signals:
            if isinstance(signal, Exception):
                raise signal
            yield signal
        self._closed.wait(5)

    def close(self) -> None:
        self._closed.set()


@pytest.mark.parametrize(
    ("death", "line"),
    [
        (BusError("the bus went away"), "the system bus went away"),
        (RuntimeError("what nobody thought of"), "failed and begins anew (SYSTEM: RuntimeError"),
        (IndexError("tuple index out of range"), "failed and begins anew (SYSTEM: IndexError"),
    ],
)
def test_a_source_that_ends_is_said_and_what_happened_meanwhile_is_asked_for(
    bus: Any, monkeypatch: pytest.MonkeyPatch, death: Exception, line: str
) -> None:
    monkeypatch.setattr("agent.host.linux.session._FIRST_WAIT_S", 0.001)
    bus.answers[f"{LOGIND}.Manager.GetSession"] = (PATH,)
    bus.answers[f"{LOGIND}.Session.LockedHint"] = [False, True]
    bus.answers[f"{LOGIND}.Session.Active"] = [True, False]
    there = [Listened(death), BusError("not yet"), Listened()]

    def listen(name: str, rules: list[dict[str, str]]) -> Any:
        found = there.pop(0) if name == SYSTEM else BusError("no session bus")
        if isinstance(found, BusError):
            raise found
        return found

    monkeypatch.setattr(bus, "listen", listen)
    seen = Seen(False)
    session, heard = monitor(bus, seen, time.monotonic_ns)
    assert soon(lambda: heard.deaf[-1:] == [""])
    seen.locked = True
    assert soon(lambda: len(heard.boundaries) == 2)
    session.stop()
    assert {b.cause for b in heard.boundaries} == {Cause.USER_SWITCH, Cause.SCREEN_LOCKED}
    assert line in heard.deaf[0]
    assert heard.deaf[-1] == ""


def test_a_look_that_fails_is_said_and_begins_anew(bus: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.host.linux.session._FIRST_WAIT_S", 0.001)
    bus.answers[f"{LOGIND}.Manager.GetSession"] = BusError("no system bus")
    answers: list[Any] = [RuntimeError("X broke"), True]

    def look() -> bool:
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return bool(answer)

    session, heard = LinuxSession(bus, LogindSession(bus), CoverWatch({}), look), Listener()
    heard.start(session)
    assert soon(lambda: [b.cause for b in heard.boundaries] == [Cause.SCREEN_LOCKED])
    assert soon(lambda: len(heard.deaf) == 2)
    session.stop()
    assert "lock: RuntimeError('X broke')" in heard.deaf[0]
    assert heard.deaf[1] == ""


def test_a_flood_of_claims_costs_few_looks(bus: Any) -> None:
    bus.answers[f"{LOGIND}.Manager.GetSession"] = BusError("no system bus")
    bus.signals = {SESSION: [active(n % 2 == 0) for n in range(20_000)]}
    seen = Seen(False)
    session, heard = monitor(bus, seen, time.monotonic_ns)
    time.sleep(0.5)
    session.stop()
    assert seen.looks < 400
    assert heard.boundaries == []


def soon(happened: Callable[[], bool]) -> bool:
    """Whether something that another thread does happens within four seconds."""
    deadline = time.monotonic() + 4
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
