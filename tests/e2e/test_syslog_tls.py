"""Alerts to a real rsyslog over mutual TLS: all of them arrive, whatever happens to the receiver."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from agent.alerts import delivery_worker as courier_module
from agent.alerts.api import DeliveryOutcome, Transport
from agent.alerts.destinations import build_transports, open_delivery
from agent.alerts.ocsf import Product
from agent.alerts.outbox.repair import open_outbox
from agent.alerts.outbox.store import AlertStore
from agent.alerts.outbox_maintenance import Sender
from agent.alerts.settings import AlertSettings
from agent.alerts.transports import syslog_tls
from bench.reliability_syslog import settings_for
from tests.agent.alerts.fakes import Clock, OneThread, make_alert, make_record
from tests.e2e.rsyslog import MISSING, Receiver

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    receiver = Receiver(tmp_path / "rsyslog")
    receiver.prepare()
    receiver.start()
    yield receiver
    receiver.kill()


def syslog(settings: AlertSettings, folder: Path) -> Transport:
    return build_transports(settings, folder / "alerts.jsonl", Product("0.1.0", "Linux"))[1]


def test_two_hundred_alerts_arrive_once_each_and_intact(receiver: Receiver, tmp_path: Path) -> None:
    delivery = open_delivery(
        settings_for(receiver),
        tmp_path / "outbox.db",
        tmp_path / "alerts.jsonl",
        "laptop-17",
        "alice",
        "0.1.0",
    )
    alerts = [make_alert(user='zoë "the ]\\ cat"', message=f"Nr. {number} żółw") for number in range(200)]
    for alert in alerts:
        delivery.submit(alert)
    delivery.close(20.0)
    assert delivery.problems() == ()
    assert receiver.ids() == [alert.record_id for alert in alerts]
    message = receiver.messages()[7]
    assert (message["pri"], message["host"], message["app"], message["msgid"]) == (
        "83",
        "laptop-17",
        "steadyhand",
        "intruder",
    )
    assert 'user="zoë \\"the \\]\\\\ cat\\""' in message["sd"]
    event = json.loads(message["msg"])
    assert (event["message"], event["metadata"]["uid"]) == ("Nr. 7 żółw", alerts[7].record_id)


def test_a_receiver_that_keeps_crashing_loses_nothing(
    receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier_module, "BATCH", 10)
    monkeypatch.setattr(syslog_tls, "SETTLE_S", 0.02)
    way = syslog(settings_for(receiver), tmp_path)
    outbox, _ = open_outbox(tmp_path / "outbox.db", 10_000_000, [way.name])
    spare, _ = open_outbox(None, 1_000_000, [way.name])
    clock = Clock()
    store = AlertStore(lambda: (outbox, ()), spare)
    courier = OneThread(store, [way], Sender("alice", "laptop-17", clock, time.time_ns), 2)
    alerts = [make_alert() for _ in range(400)]
    for alert in alerts:
        outbox.put(alert)
    crashes = 0
    done = threading.Event()

    def crash() -> None:
        nonlocal crashes
        rng = random.Random(8)
        while not done.wait(rng.uniform(0.05, 0.4)) and crashes < 12:
            receiver.kill()
            crashes += 1
            receiver.start()

    trouble = threading.Thread(target=crash)
    trouble.start()
    failures = 0
    while (wait_s := courier.step()) is not None:
        if wait_s:
            failures += 1
            clock.forward(wait_s)
            time.sleep(0.02)
    done.set()
    trouble.join(20)
    counts = Counter(receiver.ids())
    assert crashes >= 3
    assert failures >= 1, "the crashes must have hit something"
    assert set(counts) == {alert.record_id for alert in alerts}
    assert sum(counts.values()) - len(counts) <= crashes * 10, "duplicates are at most a batch a crash"


@pytest.mark.parametrize("cert", ["", "rogue"])
def test_a_client_without_its_certificate_is_not_told_that_all_is_well(
    receiver: Receiver, tmp_path: Path, cert: str
) -> None:
    receiver.issue("rogue", "laptop.example", trustme.CA())
    sent = syslog(settings_for(receiver, cert=cert), tmp_path).send([make_record()])
    assert sent.accepted == 0
    assert sent.outcome in (DeliveryOutcome.RETRY, DeliveryOutcome.AUTH_FAILED)
    assert "certificate" in sent.detail
    assert receiver.ids() == []


def test_a_receiver_of_another_authority_gets_nothing(receiver: Receiver, tmp_path: Path) -> None:
    trustme.CA().cert_pem.write_to_path(receiver.folder / "other.pem")
    sent = syslog(settings_for(receiver, ca="other.pem"), tmp_path).send([make_record()])
    assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.AUTH_FAILED)
    assert "comes from nobody in syslog_ca_file" in sent.detail
    assert receiver.ids() == []


def test_the_way_can_be_checked_without_sending(receiver: Receiver, tmp_path: Path) -> None:
    way = syslog(settings_for(receiver), tmp_path)
    assert way.send([]).outcome is DeliveryOutcome.OK
    assert receiver.messages() == []
    receiver.kill()
    assert "refuses connections" in way.send([]).detail
