"""Windows' messages about locks, sleep, user switches and the end, over a scripted window and session state."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from agent.engine.events import Boundary, Cause
from agent.host.windows.session import WindowsSession
from agent.host.windows.session_messages import SessionFact, end_reason, read_session_message

# The numbers are those of winuser.h and wtsapi32.h.
QUERY_END, END, POWER, CHANGE = 0x11, 0x16, 0x218, 0x2B1
LOCK, UNLOCK = 7, 8


class ScriptedWindow:
    """A window whose messages a test sends, on a thread of its own as Windows does."""

    def __init__(self, tells_locks: bool = True, missing: str = "") -> None:
        self._tells_locks = tells_locks
        self._missing = missing
        self._closed = threading.Event()
        self.restart_registered = False

    def run(self, on_open: Callable[[bool], None], receive: Any, on_end_request: Callable[[], None]) -> None:
        if self._missing:
            raise OSError(self._missing)
        self.receive, self.ask_to_end = receive, on_end_request
        on_open(self._tells_locks)
        self._closed.wait(5)

    def close(self) -> None:
        self._closed.set()

    def register_restart(self) -> None:
        self.restart_registered = True


class Running:
    """A started session, and what it said."""

    def __init__(self, state: Callable[[], bool | None], window: ScriptedWindow | None = None) -> None:
        self.window = window or ScriptedWindow()
        self.now_ns = 1_000
        self.boundaries: list[Boundary] = []
        self.deaf: list[str] = []
        self.unseen: list[str] = []
        self.ends: list[str] = []
        self.session = WindowsSession(self.window, state, lambda: self.now_ns, lambda seconds: None)
        self.session.listen_end(self.ends.append)
        self.session.start(self.boundaries.append, self.deaf.append, self.unseen.append)

    def causes(self) -> list[tuple[Cause, str]]:
        return [(boundary.cause, boundary.detail) for boundary in self.boundaries]


@pytest.mark.parametrize(
    ("message", "wparam", "fact"),
    [
        (CHANGE, 1, SessionFact.BACK),
        (CHANGE, 2, SessionFact.AWAY),
        (CHANGE, 3, SessionFact.BACK),
        (CHANGE, 4, SessionFact.AWAY),
        (CHANGE, 5, None),
        (CHANGE, 6, None),
        (CHANGE, LOCK, SessionFact.LOCKED),
        (CHANGE, UNLOCK, SessionFact.UNLOCKED),
        (POWER, 0x4, SessionFact.SLEEP_BEGINS),
        (POWER, 0x12, SessionFact.SLEEP_ENDS),
        (POWER, 0x7, None),
        (POWER, 0xA, None),
        (0x200, LOCK, None),
    ],
)
def test_messages_are_read_as_facts(message: int, wparam: int, fact: SessionFact | None) -> None:
    assert read_session_message(message, wparam) is fact


@pytest.mark.parametrize(
    ("lparam", "words"),
    [
        (0, "a shutdown or restart"),
        (0x1, "an installer that needs its files"),
        (0x80000000, "a log-off"),
        (-0x80000000, "a log-off"),
        (0xC0000000, "a log-off, without waiting for programs"),
        (0x40000000, "a shutdown or restart, without waiting for programs"),
    ],
)
def test_the_end_has_a_reason(lparam: int, words: str) -> None:
    assert end_reason(lparam) == words


def test_a_lock_and_an_unlock_that_windows_confirms_are_boundaries_and_a_proof() -> None:
    state = [False]
    running = Running(lambda: state[0])
    state[0] = True
    running.window.receive(CHANGE, LOCK, 0)
    assert running.session.latest() is None
    state[0], running.now_ns = False, 2_000
    running.window.receive(CHANGE, UNLOCK, 0)
    assert running.causes() == [(Cause.SCREEN_LOCKED, "session"), (Cause.SCREEN_UNLOCKED, "session")]
    proof = running.session.latest()
    assert proof is not None
    assert (proof.t_ns, proof.service) == (2_000, "winlogon")
    assert running.window.restart_registered


@pytest.mark.parametrize("state", [False, None])
def test_a_lock_that_only_a_message_claims_is_reported_and_stops_nothing(state: bool | None) -> None:
    running = Running(lambda: state)
    running.window.receive(CHANGE, LOCK, 0)
    assert running.boundaries == []
    assert len(running.unseen) == 1


def test_an_unlock_without_a_lock_proves_nothing() -> None:
    running = Running(lambda: False)
    for _ in range(2):
        running.window.receive(CHANGE, UNLOCK, 0)
    assert running.boundaries == []
    assert running.session.latest() is None


def test_an_unlock_message_while_it_stays_locked_proves_nothing() -> None:
    running = Running(lambda: True)
    running.window.receive(CHANGE, UNLOCK, 0)
    assert running.boundaries == []
    assert running.session.latest() is None


def test_the_state_may_follow_its_message() -> None:
    states = iter([False, False, False, True])
    running = Running(lambda: next(states))
    running.window.receive(CHANGE, LOCK, 0)
    assert running.causes() == [(Cause.SCREEN_LOCKED, "session")]


def test_sleep_and_other_users_are_boundaries() -> None:
    running = Running(lambda: False)
    for message, wparam in ((POWER, 4), (POWER, 0x12), (POWER, 7), (CHANGE, 2), (CHANGE, 1)):
        assert running.window.receive(message, wparam, 0) is None
    assert running.causes() == [
        (Cause.SLEEP, "begins"),
        (Cause.SLEEP, "ends"),
        (Cause.USER_SWITCH, "away"),
        (Cause.USER_BACK, "back"),
    ]


def test_a_log_off_waits_until_the_agent_has_ended() -> None:
    running = Running(lambda: False)
    assert running.window.receive(QUERY_END, 0, 0) == 1
    assert running.ends == []
    answered = threading.Event()

    def end() -> None:
        running.window.receive(END, 1, 0x80000000)
        answered.set()

    threading.Thread(target=end, daemon=True).start()
    assert not answered.wait(0.1)
    assert running.ends == ["a log-off"]
    running.session.finished()
    assert answered.wait(2)


def test_a_log_off_that_somebody_else_refused_ends_nothing() -> None:
    running = Running(lambda: False)
    assert running.window.receive(QUERY_END, 0, 0) == 1
    assert running.window.receive(END, 0, 0) == 0
    assert running.ends == []


def test_an_installer_may_ask_for_the_end() -> None:
    running = Running(lambda: False)
    running.window.ask_to_end()
    assert running.ends == ["an installer that replaces or removes it"]


@pytest.mark.parametrize("window", [ScriptedWindow(tells_locks=False), ScriptedWindow(missing="no window")])
def test_where_windows_does_not_tell_the_state_is_polled_and_it_is_said(window: ScriptedWindow) -> None:
    running = Running(lambda: False, window)
    assert len(running.deaf) == 1
    assert "looked at once a second" in running.deaf[0]
    running.session.stop()


def test_a_window_that_comes_late_ends_the_polling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.host.windows.session._OPEN_S", 0.01)
    go, open_now = threading.Event(), threading.Event()

    class Late(ScriptedWindow):
        def run(
            self, on_open: Callable[[bool], None], receive: Any, on_end_request: Callable[[], None]
        ) -> None:
            assert go.wait(5)
            super().run(lambda tells: (on_open(tells), open_now.set())[0], receive, on_end_request)

    running = Running(lambda: False, Late())
    assert len(running.deaf) == 1
    go.set()
    assert open_now.wait(5)
    assert running.deaf[-1] == ""
    running.session.stop()
