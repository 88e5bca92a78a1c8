"""From settings to destinations."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agent.alerts.api import DeliveryOutcome
from agent.alerts.destinations import build_transports
from agent.alerts.ocsf import Product
from agent.alerts.settings import AlertSettings, alert_settings
from agent.alerts.transports.kind import TransportContext
from agent.alerts.transports.tls_trouble import TlsFiles
from tests.agent.alerts.fakes import make_record

PRODUCT = Product("0.1.0", "Linux")
ALL = alert_settings(
    syslog_host="localhost",
    journald=True,
    eventlog=True,
    splunk_url="https://localhost:1",
    webhook_url="https://localhost:1/hook",
    otlp_url="http://localhost:1",
)


def test_the_file_alone_without_settings(tmp_path: Path) -> None:
    assert [way.name for way in build_transports(AlertSettings(), tmp_path / "a", PRODUCT)] == ["jsonl"]


def test_everything_at_once_and_every_name_once(tmp_path: Path) -> None:
    names = [way.name for way in build_transports(ALL, tmp_path / "a", PRODUCT)]
    assert names == ["jsonl", "syslog", "journald", "eventlog", "splunk", "webhook", "otlp"]


def test_further_destinations_have_names_and_cursors_of_their_own(tmp_path: Path) -> None:
    more = ("second syslog_host=siem2.example", "soar webhook_url=https://localhost:1/in")
    names = [way.name for way in build_transports(replace(ALL, more=more), tmp_path / "a", PRODUCT)]
    assert names == [
        *("jsonl", "syslog", "journald", "eventlog", "splunk", "webhook", "otlp"),
        *("syslog second", "webhook soar"),
    ]


def test_of_two_webhooks_neither_takes_anything_over_from_the_other(tmp_path: Path) -> None:
    settings = alert_settings(
        webhook_url="https://localhost:1/in",
        webhook_secret_file=str(tmp_path / "none"),
        more=("second webhook_url=https://localhost:1/in",),
    )
    first, second = build_transports(settings, tmp_path / "a", PRODUCT)[1:]
    assert str(tmp_path / "none") in first.send([make_record()]).detail
    assert "webhook_secret_file is not set" in second.send([make_record()]).detail


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        (alert_settings(splunk_url="https://localhost:1"), "splunk_token_file is not set"),
        (alert_settings(webhook_url="https://localhost:1"), "webhook_secret_file is not set"),
        (
            alert_settings(otlp_url="https://localhost:1", otlp_headers_file="/no/such"),
            "otlp_headers_file (/no/such)",
        ),
    ],
)
def test_half_a_destination_says_what_is_missing(
    tmp_path: Path, settings: AlertSettings, missing: str
) -> None:
    sent = build_transports(settings, tmp_path / "a", PRODUCT)[1].send([make_record()])
    assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.AUTH_FAILED)
    assert missing in sent.detail


def test_destinations_with_the_same_authorities_share_what_they_cost() -> None:
    context = TransportContext(PRODUCT)
    files, others = TlsFiles("/ca.pem", "", ""), TlsFiles("/other.pem", "", "")
    assert context.tls(files) is context.tls(TlsFiles("/ca.pem", "", ""))
    assert context.tls(files) is not context.tls(others)
