"""What the owner's commands do to the countdown, the record and the worker."""

from __future__ import annotations

import time
from typing import Any

import pytest

from agent.engine.day_baseline import Proof
from agent.runtime.lifecycle.run_alerts import REAUTHENTICATION_REASONS
from agent.runtime.response.owner_commands import RunningOwnerCommands
from agent.runtime.status.snapshot import Command


class Agent:
    """Responder, reporter and order queue: notes every call."""

    def __init__(self) -> None:
        self.calls: list[Any] = []
        self.proofs: list[Any] = []

    def question_asked(self) -> None:
        self.calls.append("hold")

    def question_refused(self) -> None:
        self.calls.append("lock at once")

    def withdraw(self) -> None:
        self.calls.append("withdraw")

    def confirmed(self, command: Command) -> None:
        self.calls.append(("report", command))

    def put(self, order: Any) -> None:
        self.calls.append(("order", order.command))
        self.proofs.append(order.proof)


@pytest.fixture
def agent() -> Agent:
    return Agent()


@pytest.fixture
def commands(agent: Agent) -> RunningOwnerCommands:
    return RunningOwnerCommands(agent, agent, agent, "polkit")  # type: ignore[arg-type]


@pytest.mark.parametrize("command", [Command.IT_WAS_ME, Command.ENROL_ANEW])
def test_who_confirms_or_is_enrolled_anew_holds_the_countdown_then_ends_it(
    agent: Agent, commands: RunningOwnerCommands, command: Command
) -> None:
    commands.question_asked(command)
    commands.execute(command)
    assert agent.calls == ["hold", "withdraw", ("report", command), ("order", command)]
    assert agent.proofs[0].kind is Proof.CONFIRMED


def test_only_that_was_me_carries_a_proof(agent: Agent, commands: RunningOwnerCommands) -> None:
    commands.execute(Command.IT_WAS_ME)
    commands.execute(Command.PAUSE)
    proof, none = agent.proofs
    assert (proof.kind, proof.authority, none) == (Proof.CONFIRMED, "polkit", None)
    assert 0 <= time.monotonic_ns() - proof.t_ns < 5_000_000_000


def test_a_refused_that_was_me_locks_at_once(agent: Agent, commands: RunningOwnerCommands) -> None:
    commands.refused(Command.IT_WAS_ME)
    assert agent.calls == ["lock at once"]


@pytest.mark.parametrize(
    "command", [c for c in REAUTHENTICATION_REASONS if c not in (Command.IT_WAS_ME, Command.ENROL_ANEW)]
)
def test_no_other_command_touches_the_countdown(
    agent: Agent, commands: RunningOwnerCommands, command: Command
) -> None:
    commands.question_asked(command)
    commands.refused(command)
    assert agent.calls == []
    commands.execute(command)
    assert agent.calls == [("report", command), ("order", command)]
