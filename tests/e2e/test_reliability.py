"""Short versions of the trials of `python -m bench.reliability`: nothing may be lost, whatever happens."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.alerts import back_off as schedule
from agent.alerts import delivery_worker as courier
from agent.alerts.transports import syslog_tls
from bench.reliability_disk import stepped_clock
from bench.reliability_http import troubled_http
from bench.reliability_kills import killed_agent
from bench.reliability_syslog import Pace, killed_receiver
from tests.e2e import rsyslog, syslog_ng

RSYSLOG = pytest.param("rsyslog", marks=pytest.mark.skipif(bool(rsyslog.MISSING), reason=rsyslog.MISSING))
SYSLOG_NG = pytest.param(
    "syslog-ng", marks=pytest.mark.skipif(bool(syslog_ng.MISSING), reason=syslog_ng.MISSING)
)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small batches and short waits, so that a few seconds hold many of both."""
    monkeypatch.setattr(courier, "BATCH", 10)
    monkeypatch.setattr(schedule, "FIRST_S", 0.05)
    monkeypatch.setattr(schedule, "MOST_S", 0.5)
    monkeypatch.setattr(schedule, "LEAST_S", 0.01)
    monkeypatch.setattr(syslog_tls, "SETTLE_S", 0.02)


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("name", [RSYSLOG, SYSLOG_NG])
def test_a_receiver_that_is_killed_again_and_again_loses_nothing(name: str, tmp_path: Path) -> None:
    kind = {"rsyslog": rsyslog.Receiver, "syslog-ng": syslog_ng.SyslogNg}[name]
    receiver = kind(tmp_path / "receiver")
    receiver.prepare()
    found = killed_receiver(name, receiver, tmp_path, Pace(200, 60.0, 0.4))
    assert found.troubles >= 3
    assert (found.sent, found.missing) == (200, 0)
    assert found.repeated <= 10 * found.troubles, "at most a batch a kill"


@pytest.mark.parametrize("name", ["splunk", "webhook", "otlp"])
def test_nothing_is_lost_to_a_receiver_that_answers_anything(name: str, tmp_path: Path) -> None:
    found = troubled_http(name, tmp_path, 40 if name != "splunk" else 300, trouble=0.4)
    assert found.troubles >= 2
    assert found.missing == 0


def test_what_is_refused_for_good_is_announced_and_costs_nothing_else(tmp_path: Path) -> None:
    assert troubled_http("otlp", tmp_path, 30, trouble=0.1, refused=3).missing == 0
    assert troubled_http("splunk", tmp_path, 60, trouble=0.1, refused=3).missing == 0


def test_a_sender_that_is_killed_loses_nothing(tmp_path: Path) -> None:
    found = killed_agent(tmp_path, 4)
    assert found.sent >= 4
    assert found.missing == 0


def test_a_wall_clock_that_is_set_loses_and_delays_nothing(tmp_path: Path) -> None:
    assert stepped_clock(tmp_path, 40).missing == 0
