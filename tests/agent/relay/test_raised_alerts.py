"""An alert that a transport raises goes through the relay's chain to every destination, once over restarts."""

from __future__ import annotations

import errno
import json
import time
from pathlib import Path
from typing import Any

import pytest

from agent.alerts.chained_delivery import ChainedDelivery
from agent.alerts.destinations import open_delivery
from agent.alerts.settings import alert_settings
from agent.alerts.transports.kind import RelayServices
from agent.alerts.verify import verify
from agent.relay.raised_alerts import RaisedAlerts
from tests.agent.alerts.fakes import make_alert
from tests.agent.alerts.signals.workbench import Workbench


def events_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def one_run(bench: Workbench, url: str, *users: str) -> None:
    """A relay's delivery that takes an intruder alert of each user and ends."""
    raised, folder = RaisedAlerts(), bench.folder
    local = open_delivery(
        alert_settings(**bench.settings(url)),
        folder / "outbox.db",
        folder / "alerts.jsonl",
        host="desk-7",
        user="relay",
        agent_version="1",
        services=RelayServices(folder, raised.submit),
    )
    delivery = ChainedDelivery(local, folder / "chain.json", time.time_ns)
    delivery.resume()
    raised.connect(delivery)
    for user in users:
        delivery.submit(make_alert(user=user))
    end_s = time.monotonic() + 20.0
    while local.depth() and time.monotonic() < end_s:
        time.sleep(0.01)
    delivery.close(flush_s=5.0)


def test_a_missing_account_is_one_alert_in_the_chain_over_restarts(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    with bench.receiver.listening() as stub:
        one_run(bench, stub.url(), "bob", "alice", "bob")
        one_run(bench, stub.url(), "bob", "carol")
    events = events_of(tmp_path / "alerts.jsonl")
    missing = [event for event in events if event["metadata"]["event_code"] == "subject missing"]
    assert [event["actor"]["user"]["name"] for event in missing] == ["bob", "carol"]
    assert [subject["email"] for *_, subject in bench.receiver.people_events()] == ["alice@example.com"]
    assert verify(json.dumps(event) for event in events).problems == ()


def test_before_there_is_a_chain_it_says_so() -> None:
    with pytest.raises(OSError, match="still starting") as early:
        RaisedAlerts().submit(make_alert())
    assert early.value.errno == errno.EAGAIN
