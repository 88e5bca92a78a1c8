"""Who sits at a screen, from logind's files, and agents that ended while their people go on."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.alerts.alert import AlertKind, Severity
from agent.alerts.wire import alert_to_json
from agent.relay.active_sessions import active_accounts
from agent.relay.agent_register import AgentRegister
from agent.relay.intake import Intake
from agent.relay.register_file import RegisterFile
from tests.agent.alerts.fakes import Clock, make_alert
from tests.agent.relay.test_relay import Kept

SECOND = 1_000_000_000
SESSION = """# This is private data. Do not parse.
UID=1000
USER=ada
ACTIVE=1
IS_DISPLAY=1
STATE=active
REMOTE=0
TYPE=wayland
ORIGINAL_TYPE=wayland
CLASS=user
SEAT=seat0
LEADER=812
"""


@pytest.mark.parametrize(
    ("line", "changed", "is_active"),
    [
        ("TYPE=wayland", "TYPE=x11", True),
        ("ACTIVE=1", "ACTIVE=0", False),
        ("STATE=active", "STATE=closing", False),
        ("REMOTE=0", "REMOTE=1", False),
        ("CLASS=user", "CLASS=greeter", False),
        ("TYPE=wayland", "TYPE=tty", False),
        ("UID=1000", "UID=many", False),
        ("UID=1000", "", False),
    ],
)
def test_who_sits_at_a_graphical_screen_here_is_active(
    tmp_path: Path, line: str, changed: str, is_active: bool
) -> None:
    (tmp_path / "2").write_text(SESSION.replace(f"\n{line}\n", f"\n{changed}\n"))
    (tmp_path / "2.ref").write_text(SESSION)
    assert active_accounts(tmp_path) == (frozenset([1000]) if is_active else frozenset())


def test_without_logind_nobody_is_active(tmp_path: Path) -> None:
    assert active_accounts(tmp_path / "none") == frozenset()


def named(agents: AgentRegister, active: set[int], now_s: int) -> list[int]:
    return [uid for uid, _ in agents.missing(active, now_s * SECOND)]


@pytest.mark.parametrize("kind", [AlertKind.STOPPED, AlertKind.QUIT])
def test_an_agent_that_ended_is_missing_once_while_its_session_goes_on(kind: AlertKind) -> None:
    agents = AgentRegister()
    agents.heard(1000, "ada", kind, 0)
    assert named(agents, {1000}, 1) == []
    assert named(agents, {1000}, 150) == []
    assert named(agents, {1000}, 152) == [1000]
    assert named(agents, {1000}, 900) == []
    agents.heard(1000, "ada", AlertKind.STARTED, 901 * SECOND)
    assert named(agents, {1000}, 2000) == [], "that is the other silence"


def test_a_login_long_after_the_end_has_its_time_to_start_the_agent() -> None:
    agents = AgentRegister()
    agents.heard(1000, "ada", AlertKind.STOPPED, 0)
    assert named(agents, set(), 5000) == []
    assert named(agents, {1000}, 5060) == []
    agents.heard(1000, "ada", AlertKind.STARTED, 5070 * SECOND)
    assert named(agents, {1000}, 5300) == []


def test_each_return_to_the_screen_is_named_anew_and_nobody_else() -> None:
    agents = AgentRegister()
    agents.heard(1000, "ada", AlertKind.STOPPED, 0)
    assert named(agents, {1000, 1001}, 0) == []
    assert named(agents, {1000, 1001}, 151) == [1000]
    assert named(agents, {1001}, 200) == []
    assert named(agents, {1000}, 300) == []
    assert named(agents, {1000}, 451) == [1000]


def test_the_relay_raises_it_high(tmp_path: Path) -> None:
    taken, clock = Kept(), Clock()
    file = RegisterFile(tmp_path / "agents.json", "boot-1")
    active = {0}
    intake = Intake(taken, file, "desk-7", clock, lambda: 9, lambda: frozenset(active))
    intake.begin()
    intake.answer(alert_to_json(make_alert(kind=AlertKind.STOPPED)).encode(), intake.peer(1, 0))
    for _ in range(5):
        intake.tick()
        clock.forward(61)
    (silent,) = [alert for alert in taken.alerts if alert.kind is AlertKind.SILENT]
    assert silent.severity is Severity.HIGH
    assert (silent.user, silent.detail["peer_uid"]) == ("root", 0)
    assert "has ended, and their session goes on without it" in silent.message
