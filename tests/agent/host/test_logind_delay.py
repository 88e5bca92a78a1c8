"""Sleep and shutdown wait for the agent for a moment, and no longer."""

from __future__ import annotations

import os
import time
from typing import Any

import pytest

from agent.engine.events import Boundary, Cause
from agent.host.linux.bus import BusError, Service
from agent.host.linux.logind import LogindSession
from agent.host.linux.logind_delay import LogindDelay
from agent.host.linux.session import LinuxSession
from agent.host.linux.session_signals import Shutdown, read_signal
from agent.host.linux.xcover import CoverWatch
from tests.agent.host.conftest import ScriptedBus
from tests.agent.host.test_session import sleeping


class Logind:
    """Gives a pipe's end for each inhibitor: whether it was closed can be read at the other."""

    def __init__(self) -> None:
        self.readers: list[int] = []
        self.asked: list[tuple[Any, ...]] = []

    def take_descriptor(self, to: Service, method: str, signature: str, *body: Any) -> int:
        self.asked.append((method, *body))
        reader, writer = os.pipe()
        os.set_blocking(reader, False)
        self.readers.append(reader)
        return writer

    def is_held(self) -> bool:
        try:
            return os.read(self.readers[-1], 1) != b""
        except BlockingIOError:
            return True


def test_what_begins_goes_on_after_a_moment_and_the_next_one_is_held_again() -> None:
    logind = Logind()
    delay = LogindDelay(logind, held_s=0.05)
    delay.hold()
    delay.hold()
    assert [words[0::4] for words in logind.asked] == [("Inhibit", "delay")]
    assert logind.asked[0][1] == "sleep:shutdown"
    assert logind.is_held()
    delay.follow(begins=True)
    assert logind.is_held()
    deadline = time.monotonic() + 5
    while logind.is_held() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not logind.is_held()
    delay.follow(begins=False)
    assert len(logind.asked) == 2
    assert logind.is_held()
    delay.release()
    assert not logind.is_held()
    delay.release()


def test_a_shutdown_that_is_called_off_is_held_no_shorter() -> None:
    logind = Logind()
    delay = LogindDelay(logind, held_s=0.1)
    delay.hold()
    delay.follow(begins=True)
    delay.follow(begins=False)
    time.sleep(0.2)
    assert logind.is_held()
    delay.release()


def test_without_logind_nothing_waits(bus: ScriptedBus) -> None:
    bus.answers["org.freedesktop.login1.Manager.Inhibit"] = BusError("nobody answers: a test")
    delay = LogindDelay(bus)
    delay.hold()
    delay.follow(begins=True)
    delay.release()
    assert [method for method, _ in bus.calls] == ["Inhibit"]


class Following:
    def __init__(self, order: list[object]) -> None:
        self._order = order

    def hold(self) -> None:
        self._order.append("hold")

    def follow(self, *, begins: bool) -> None:
        self._order.append(begins)

    def release(self) -> None:
        self._order.append("release")


def shutting_down(begins: object) -> Any:
    return sleeping(True).__class__(
        "/org/freedesktop/login1", "org.freedesktop.login1.Manager", "PrepareForShutdown", (begins,)
    )


@pytest.mark.parametrize("body", ["yes", None, 1])
def test_a_malformed_shutdown_means_nothing(body: object) -> None:
    assert read_signal(shutting_down(body), "/x", 7) == ()
    assert read_signal(shutting_down(True), "/x", 7) == (Shutdown(True),)


def test_the_agent_hears_of_it_before_it_may_go_on(bus: ScriptedBus) -> None:
    order: list[object] = []
    bus.signals = {
        "SYSTEM": [sleeping(True), sleeping(False), shutting_down(True), shutting_down(False)],
        "SESSION": [],
    }
    for name in ("GetSession", "LockedHint", "Active"):
        bus.answers[f"org.freedesktop.login1.Manager.{name}"] = BusError("none: a test")
    session = LinuxSession(
        bus, LogindSession(bus), CoverWatch({}), lambda: False, lambda: 7, delay=Following(order)
    )
    session.listen_shutdown(lambda: order.append("shutdown"))
    boundaries: list[Boundary] = []
    session.start(lambda b: (boundaries.append(b), order.append(b.detail))[0], lambda _: None, lambda _: None)
    deadline = time.monotonic() + 5
    while len(order) < 7 and time.monotonic() < deadline:
        time.sleep(0.01)
    session.stop()
    assert [entry for entry in order if entry not in ("hold", "release")] == [
        *("begins", True, "ends", False),
        *("shutdown", True, False),
    ]
    assert [boundary.cause for boundary in boundaries] == [Cause.SLEEP, Cause.SLEEP]
