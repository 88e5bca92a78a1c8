"""The doctor's test alert: it names each destination, what it said and what to do."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from agent.alerts.outbox.repair import open_outbox
from agent.alerts.settings import AlertSettings, alert_settings
from agent.doctor_alerts import look_at_alerts
from agent.files.paths import Paths
from agent.findings import Health
from tests.agent.alerts.fakes import make_alert
from tests.agent.alerts.transports.http_stub import serving


def test_without_being_asked_nothing_is_sent(tmp_path: Path) -> None:
    paths = Paths.under(tmp_path)
    with serving() as stub:
        (found,) = look_at_alerts(alert_settings(otlp_url=stub.url()), paths, send=False)
        assert stub.requests == []
    assert (found.health, found.mend) == (Health.OK, "")
    assert "destinations: jsonl, otlp" in found.seen
    assert not paths.alerts_file.exists()


def test_alerts_that_stay_on_this_computer_are_a_shortcoming(tmp_path: Path) -> None:
    (found,) = look_at_alerts(AlertSettings(), Paths.under(tmp_path), send=False)
    assert found.health is Health.DEGRADED
    assert "docs/alerts.md" in found.mend


def test_every_destination_gets_the_test_alert_and_is_told_of(tmp_path: Path) -> None:
    paths = Paths.under(tmp_path)
    with serving() as good, serving([(403, {}, b"go away")]) as bad:
        token = tmp_path / "token"
        token.write_text("t")
        token.chmod(0o600)
        told = alert_settings(otlp_url=good.url(), splunk_url=bad.url(), splunk_token_file=str(token))
        _, jsonl, splunk, otlp = look_at_alerts(told, paths, send=True)
    assert [finding.health for finding in (jsonl, splunk, otlp)] == [Health.OK, Health.BROKEN, Health.OK]
    assert "splunk: auth failed" in splunk.seen
    assert "403" in splunk.seen
    assert "--test-alert" in splunk.mend
    (line,) = paths.alerts_file.read_text().splitlines()
    event = json.loads(line)
    assert event["metadata"]["event_code"] == "test"
    assert event["is_alert"] is False
    assert event["metadata"]["uid"] in otlp.seen
    assert len(good.requests) == 1


def test_half_a_destination_is_named(tmp_path: Path) -> None:
    told = alert_settings(webhook_url="https://localhost:1")
    *_, webhook = look_at_alerts(told, Paths.under(tmp_path), send=True)
    assert webhook.is_broken
    assert "webhook_secret_file is not set" in webhook.seen


def test_alerts_that_were_refused_for_good_are_said(tmp_path: Path) -> None:
    paths = Paths.under(tmp_path)
    outbox = open_outbox(paths.outbox, 1_000_000, ["webhook"])[0]
    outbox.put(make_alert())
    outbox.bury("webhook", 1, "400 no such field", "")
    outbox.close()
    _, letters = look_at_alerts(alert_settings(), paths, send=False)
    assert letters.seen == "1 alert was refused for good; the last by webhook: 400 no such field"
    assert letters.health is Health.DEGRADED


def test_what_only_the_relay_sends_is_a_shortcoming_without_one(tmp_path: Path) -> None:
    paths = Paths.under(tmp_path)
    settings = alert_settings(ssf_receiver_url="https://idp.example/push")
    _, without = look_at_alerts(settings, paths, send=False)
    start = (
        "sc start SteadyhandRelay" if sys.platform == "win32" else "systemctl enable --now steadyhand-relay"
    )
    assert (without.health, without.mend) == (Health.DEGRADED, f"run: {start}")
    paths.relay_socket.parent.mkdir(parents=True)
    paths.relay_socket.touch()
    _, beside = look_at_alerts(settings, paths, send=False)
    assert (beside.health, "ssf" in beside.seen) == (Health.OK, True)
