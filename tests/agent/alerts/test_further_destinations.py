"""Further destinations: a line each, and one line of error for each that is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.alerts.further_destinations import further_destinations
from agent.alerts.transports.syslog_tls import SyslogSettings
from agent.alerts.transports.webhook import WebhookSettings
from agent.config.loading import load_configuration
from agent.config.sections import parse_sections
from agent.files.paths import Paths


def test_a_line_is_a_name_and_the_keys_of_one_destination() -> None:
    lines = (
        "second syslog_host=siem2.example syslog_port=7514 'syslog_ca_file=/etc/my keys/ca.pem'",
        "soar webhook_url=https://soar.example/in?a=b webhook_secret_file=/s",
    )
    syslog, webhook = further_destinations(lines)
    assert (syslog.name, webhook.name) == ("second", "soar")
    assert syslog.settings == SyslogSettings(
        syslog_host="siem2.example", syslog_port=7514, syslog_ca_file="/etc/my keys/ca.pem"
    )
    assert webhook.settings == WebhookSettings(
        webhook_url="https://soar.example/in?a=b", webhook_secret_file="/s"
    )


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("second", "must have exactly one of syslog_host"),
        ("second syslog_ca_file=/x", "must have exactly one of"),
        ("second syslog_host=a webhook_url=https://b", "must have exactly one of"),
        ("Second syslog_host=a", "'Second' must be a name"),
        ("syslog_host=a", "must be a name"),
        ("second syslog_host", "no key=value"),
        ("second outbox_most_mb=5 syslog_host=a", "'outbox_most_mb=5', which is no key=value"),
        ("second syslog_port=99999999 syslog_host=a", "from 1 to 65535"),
        ("second syslog_port=x syslog_host=a", "syslog_port is 'x'"),
        ("second webhook_url=http://elsewhere", "https:// address"),
        ("second syslog_host='a", "cannot be read"),
        ("second journald=true", "no key=value"),
        ("", "'' must be a name"),
        ("sec\nond syslog_host=a", "'ond', which is no key=value"),
    ],
)
def test_what_is_no_destination_is_refused_in_one_line(line: str, what: str) -> None:
    with pytest.raises(ValueError, match=what) as refused:
        further_destinations([line])
    assert "alerts.more" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_name_stands_for_one_destination() -> None:
    with pytest.raises(ValueError, match="names second twice"):
        further_destinations(["second syslog_host=a", "second syslog_host=b"])


def test_settings_and_policies_are_checked_when_they_are_read(tmp_path: Path) -> None:
    paths = Paths.under(tmp_path)
    paths.config_dir.mkdir(mode=0o700, parents=True)
    paths.settings_file.write_text('[alerts]\nmore = ["second syslog_host=a"]\n')
    paths.settings_file.chmod(0o600)
    assert load_configuration(paths).settings.alerts.more == ("second syslog_host=a",)
    assert parse_sections({"alerts": {"more": []}}, "a policy") == {"alerts.more": ()}
    for bad in (["second"], ["a syslog_host=x", "a syslog_host=y"], "second syslog_host=a", [5]):
        with pytest.raises(Exception, match=r"a policy: .*alerts\.more") as refused:
            parse_sections(json.loads(json.dumps({"alerts": {"more": bad}})), "a policy")
        assert type(refused.value).__name__ == "SteadyhandError"
