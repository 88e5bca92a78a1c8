"""The gate asks before it passes a command on, and tells what became of the question."""

from __future__ import annotations

import threading

import pytest

from agent.runtime.lifecycle.run_alerts import REAUTHENTICATION_REASONS
from agent.runtime.response.reauthentication_gate import ReauthenticationGate
from agent.runtime.status.snapshot import Command


class Desk:
    """The owner, the desktop and the agent in one."""

    def __init__(self, *, available: bool = True, proves: bool = True) -> None:
        self.calls: list[tuple[str, object]] = []
        self.threads: list[str] = []
        self.done = threading.Event()
        self._available, self._proves = available, proves
        self.gate = ReauthenticationGate(self, self, self)

    def available(self) -> bool:
        return self._available

    def confirm(self, why: str) -> bool:
        self.calls.append(("confirm", why))
        self.threads.append(threading.current_thread().name)
        return self._proves

    def show(self, title: str, text: str, *, urgent: bool = False, replaces: str = "") -> bool:
        self.calls.append(("show", title))
        return True

    def question_asked(self, command: Command) -> None:
        self.calls.append(("asked", command))

    def execute(self, command: Command) -> None:
        self.calls.append(("execute", command))
        self.done.set()

    def refused(self, command: Command) -> None:
        self.calls.append(("refused", command))


@pytest.mark.parametrize("command", list(REAUTHENTICATION_REASONS))
def test_a_proof_executes_the_command_after_the_question(command: Command) -> None:
    desk = Desk()
    assert desk.gate.ask_and_wait(command) is True
    reason = REAUTHENTICATION_REASONS[command]
    assert desk.calls == [("asked", command), ("confirm", reason), ("execute", command)]


def test_without_a_proof_the_command_is_refused() -> None:
    desk = Desk(proves=False)
    assert desk.gate.ask_and_wait(Command.QUIT) is False
    assert [call for call, _ in desk.calls] == ["asked", "confirm", "refused"]


def test_where_nobody_can_be_asked_nothing_is_held_and_the_person_is_told() -> None:
    desk = Desk(available=False)
    assert not desk.gate.possible
    assert desk.gate.ask_and_wait(Command.IT_WAS_ME) is False
    assert desk.calls == [("show", "Not available here")]


def test_a_command_that_needs_no_proof_is_a_mistake_here() -> None:
    with pytest.raises(KeyError):
        Desk().gate.ask_and_wait(Command.RESUME)
