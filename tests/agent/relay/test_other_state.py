"""An agent that goes on with another state than before is reported: the environment and its own account can move it."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.alerts.alert import Alert, AlertKind, Severity
from agent.alerts.hash_chain import Link, sealed
from agent.alerts.wire import alert_to_json
from agent.relay.accounts import RelayAccount
from agent.relay.connections import Peer
from agent.relay.intake import Intake
from agent.relay.register_file import RegisterFile
from tests.agent.alerts.fakes import make_alert

S = 1_000_000_000
ADA = Peer(RelayAccount(1000, "ada"), 1000, 4242)
FIRST, SECOND = "5b1f3a52-7c0e-4f0b-9a52-000000000001", "5b1f3a52-7c0e-4f0b-9a52-000000000002"


class RelayRun:
    """One run of a relay over a folder."""

    def __init__(self, folder: Path, now_s: float = 100.0) -> None:
        self.now_s = now_s
        self.taken: list[Alert] = []
        register_file = RegisterFile(folder / "agents.json", "boot")
        clocks = (lambda: round(self.now_s * S), lambda: round(self.now_s * S))
        self.intake = Intake(self, register_file, "desk-7", *clocks)  # type: ignore[arg-type]
        self.intake.begin()

    def submit(self, alert: Alert) -> None:
        self.taken.append(alert)

    def says(self, chain: str, kind: AlertKind = AlertKind.HEARTBEAT) -> None:
        alert, _ = sealed(make_alert(kind=kind), Link(chain))
        self.take(alert)

    def take(self, alert: Alert) -> None:
        assert "taken" in self.intake.answer(alert_to_json(alert).encode(), ADA)

    def reported(self) -> list[Alert]:
        return [alert for alert in self.taken if alert.kind is AlertKind.STATE_DAMAGED]


@pytest.fixture
def relay(tmp_path: Path) -> RelayRun:
    run = RelayRun(tmp_path)
    run.says(FIRST, AlertKind.STARTED)
    run.says(FIRST)
    assert run.reported() == []
    return run


def test_another_chain_is_reported_with_both(relay: RelayRun) -> None:
    relay.says(SECOND, AlertKind.STARTED)
    relay.says(SECOND)
    (alert,) = relay.reported()
    assert (alert.severity, alert.user) == (Severity.MEDIUM, "ada")
    assert (alert.detail["former_chain"], alert.detail["present_chain"]) == (FIRST, SECOND)


def test_two_agents_in_turn_are_reported_every_ten_minutes(relay: RelayRun) -> None:
    for minute in range(30):
        relay.now_s += 60
        relay.says((FIRST, SECOND)[minute % 2])
    assert 2 <= len(relay.reported()) <= 3


def test_what_still_waited_of_the_former_chain_changes_nothing(relay: RelayRun) -> None:
    relay.says(SECOND)
    relay.says(FIRST, AlertKind.INTRUDER)
    relay.now_s += 3600
    relay.says(SECOND)
    assert len(relay.reported()) == 1


def test_the_next_run_of_the_relay_remembers(relay: RelayRun, tmp_path: Path) -> None:
    relay.intake.save()
    later = RelayRun(tmp_path, 4000.0)
    later.says(FIRST)
    assert later.reported() == []
    later.says(SECOND)
    assert len(later.reported()) == 1


@pytest.mark.parametrize("link", [None, 5, [], {"id": 5}, {"id": "x" * 65}, {}])
def test_an_alert_without_a_chain_of_the_ordinary_form_says_nothing_of_it(
    relay: RelayRun, link: object
) -> None:
    relay.take(make_alert(kind=AlertKind.HEARTBEAT, detail={"chain": link}))
    relay.says(FIRST)
    assert relay.reported() == []


def test_a_register_of_an_older_version_is_read(tmp_path: Path) -> None:
    file = tmp_path / "agents.json"
    file.write_text(
        '{"boot_id": "boot", "agents": {"1000": {"user": "ada", "heard_ns": 5, "has_ended": false, '
        '"reported_silent": false}}}'
    )
    file.chmod(0o600)
    run = RelayRun(tmp_path)
    run.says(FIRST)
    assert run.reported() == []
    run.says(SECOND)
    assert len(run.reported()) == 1
