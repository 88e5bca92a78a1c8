"""The mouse service at the relay: it speaks of other accounts, and is no agent that could fall silent."""

from __future__ import annotations

from pathlib import Path

from agent.alerts.alert import Alert, AlertKind
from agent.alerts.wire import alert_to_json
from agent.relay.accounts import RelayAccount
from agent.relay.connections import Peer
from agent.relay.intake import Intake
from agent.relay.register_file import RegisterFile
from tests.agent.alerts.fakes import Clock, make_alert
from tests.agent.relay.test_relay import SECOND, Kept


def peer(name: str, uid: int) -> Peer:
    return Peer(RelayAccount(uid, name), uid, 77)


def taken(folder: Path, sender: Peer, alert: Alert) -> Kept:
    kept, clock = Kept(), Clock()
    intake = Intake(kept, RegisterFile(folder / "agents.json", "boot-1"), "desk-7", clock, lambda: 9)  # type: ignore[arg-type]
    intake.begin()
    assert intake.answer(alert_to_json(alert).encode(), sender) == {"taken": alert.record_id}
    assert intake.last_agent() is None
    clock.now_ns += 1000 * SECOND
    intake.tick()
    return kept


def test_its_alerts_stay_in_the_name_of_whom_they_are_about(tmp_path: Path) -> None:
    alert = make_alert(kind=AlertKind.MOUSE_TAMPERING, user="anna")
    kept = taken(tmp_path, peer("steadyhand-mouse", 990), alert)
    (passed,) = [each for each in kept.alerts if each.kind is AlertKind.MOUSE_TAMPERING]
    assert (passed.user, passed.detail["by"], passed.detail["peer_uid"]) == ("anna", "mouse service", 990)
    assert [each for each in kept.alerts if each.kind is AlertKind.SILENT] == []


def test_nobody_else_speaks_in_its_name(tmp_path: Path) -> None:
    alert = make_alert(kind=AlertKind.MOUSE_TAMPERING, user="anna")
    kept = taken(tmp_path, peer("mallory", 1001), alert)
    (passed,) = [each for each in kept.alerts if each.kind is AlertKind.MOUSE_TAMPERING]
    assert (passed.user, passed.detail["said_to_be"]) == ("mallory", "anna")
    assert "by" not in passed.detail
