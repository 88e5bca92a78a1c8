"""The contract of transports, run over every one in the registry."""

from __future__ import annotations

import importlib
import logging
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from agent.alerts.alert import Alert, AlertKind
from agent.alerts.api import DeliveryOutcome, Record, Sent, Transport
from agent.alerts.delivery import LocalDelivery
from agent.alerts.ocsf import Product
from agent.alerts.outbox.repair import open_outbox
from agent.alerts.outbox.store import AlertStore
from agent.alerts.outbox_maintenance import Sender
from agent.alerts.settings import alert_settings
from agent.alerts.transports import kind as kinds
from agent.alerts.transports.kind import Deadlines, TransportContext
from agent.alerts.transports.registry import transport_kinds
from tests.agent.alerts.fakes import Clock, OneThread, make_alert, make_record
from tests.agent.alerts.transports.receivers import TestReceiver, receiver_of

STEP_S, WHOLE_S = 0.4, 0.8
POISON = "a record that no encoder can put into words"


class Contract:
    """A transport with its receiver, as delivery would build it."""

    def __init__(self, name: str, receiver: TestReceiver) -> None:
        self.name = name
        self.receiver = receiver
        context = TransportContext(Product("1", "Linux"), deadlines=Deadlines(STEP_S, WHOLE_S))
        ((kind, settings),) = alert_settings(**receiver.settings).wanted()
        self.transport: Transport = kind.build(settings, context)

    def arrived(self, count: int) -> list[str]:
        """What the receiver has, once it has `count` different records: it may still be reading."""
        end_s = time.monotonic() + 5.0
        while len(set(self.receiver.arrived())) < count and time.monotonic() < end_s:
            time.sleep(0.005)
        return self.receiver.arrived()


@pytest.fixture(params=list(transport_kinds()))
def contract(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Contract]:
    with ExitStack() as stack:
        yield Contract(request.param, receiver_of(request.param, tmp_path, monkeypatch.setattr, stack))


class Desk:
    """One destination with its outbox and a clock that only moves when told to."""

    def __init__(self, transport: Transport) -> None:
        self.outbox = open_outbox(None, 1_000_000, [transport.name])[0]
        spare = open_outbox(None, 1_000_000, [transport.name])[0]
        self.clock = Clock()
        sender = Sender("ada", "desk-7", self.clock, time.time_ns)
        self.worker = OneThread(AlertStore(lambda: (self.outbox, ()), spare), [transport], sender, 3)

    def put(self, count: int = 1, **changes: object) -> list[str]:
        alerts = [make_alert(**changes) for _ in range(count)]
        for alert in alerts:
            self.outbox.put(alert)
        return [alert.record_id for alert in alerts]

    def run(self, steps: int = 40) -> None:
        for _ in range(steps):
            wait_s = self.worker.step()
            if wait_s is None:
                return
            self.clock.forward(wait_s)


def test_its_name_in_the_outbox_is_its_name_in_the_registry_and_begins_its_keys(contract: Contract) -> None:
    assert contract.transport.name == contract.name
    assert transport_kinds()[contract.name].switch.startswith(contract.name)


def test_records_arrive_in_order_and_are_said_to(contract: Contract) -> None:
    records = [make_record(number) for number in range(1, 6)]
    sent = contract.transport.send(records)
    assert (sent.accepted, sent.outcome, sent.detail) == (5, DeliveryOutcome.OK, "")
    assert contract.arrived(5) == [record.alert.record_id for record in records]


def test_a_receiver_that_hangs_costs_its_deadline_and_no_alert(contract: Contract) -> None:
    contract.receiver.hang()
    before_s = time.monotonic()
    sent = contract.transport.send([make_record(number) for number in range(1, 4)])
    # Each step of the slowest, syslog, has its own limit: connect, handshake, send, acknowledgement.
    assert time.monotonic() - before_s < 4 * STEP_S + WHOLE_S + 1.0
    assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.RETRY)
    assert sent.detail
    assert "\n" not in sent.detail


def test_delivery_stops_at_once_where_a_receiver_hangs(contract: Contract, tmp_path: Path) -> None:
    contract.receiver.hang()
    names = [contract.transport.name]
    spare = open_outbox(None, 1_000_000, names)[0]
    path = tmp_path / "outbox.db"
    store = AlertStore(lambda: open_outbox(path, 1_000_000, names), spare)
    sender = Sender("ada", "desk-7", time.monotonic_ns, time.time_ns)
    delivery = LocalDelivery(store, [contract.transport], sender, random.Random(1))
    delivery.start()
    alert = make_alert()
    delivery.submit(alert)
    time.sleep(0.05)
    before_s = time.monotonic()
    delivery.close(0.0)
    assert time.monotonic() - before_s < 2.5
    again = open_outbox(path, 1_000_000, names)[0]
    assert [record.alert.record_id for record in again.pending(names[0], 9)] == [alert.record_id]
    again.close()


def test_a_record_that_the_encoder_fails_on_becomes_a_dead_letter_and_blocks_nobody(
    contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    healthy = kinds.to_ocsf

    def encoder(record: Record, product: Product) -> dict[str, object]:
        if record.alert.message == POISON:
            raise KeyError(POISON)
        return healthy(record, product)

    monkeypatch.setattr(kinds, "to_ocsf", encoder)
    monkeypatch.setattr("agent.alerts.transports.syslog_message.to_ocsf", encoder)
    if contract.receiver.encoder:
        _spoil_encoder(contract.receiver.encoder, monkeypatch)
    desk = Desk(contract.transport)
    first = desk.put(2)
    (poison,) = desk.put(message=POISON)
    behind = desk.put(2)
    desk.run()
    announced = int(contract.receiver.carries_all)
    arrived = contract.arrived(4 + announced)
    assert [uid for uid in dict.fromkeys(arrived) if uid in {*first, *behind, poison}] == [*first, *behind]
    (letter,) = desk.outbox.dead_letters()
    assert (letter.destination, letter.record_id) == (contract.name, poison)
    assert POISON in letter.reason
    assert POISON.encode() in letter.body
    assert len(set(arrived)) == 4 + announced, "the loss is announced as an alert of its own"
    assert desk.outbox.depth() == 0
    assert all(arrived.count(uid) == 1 for uid in behind), "what got through is not sent again"


def _spoil_encoder(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, _, function = name.rpartition(".")
    healthy = getattr(importlib.import_module(module), function)

    def encoder(alert: Alert, settings: object) -> object:
        if alert.message == POISON:
            raise KeyError(POISON)
        return healthy(alert, settings)

    monkeypatch.setattr(name, encoder)


def test_an_error_in_the_program_backs_off_is_reported_and_loses_nothing(
    contract: Contract, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Every record fails: no record is to blame, so nothing becomes a dead letter, and everything waits."""
    send = contract.transport.send
    failing = [True]

    def broken(records: Sequence[Record]) -> Sent:
        if failing[0]:
            raise RuntimeError("a bug")
        return send(records)

    monkeypatch.setattr(type(contract.transport), "send", lambda _, records: broken(records))
    desk = Desk(contract.transport)
    sent = desk.put(3)
    with caplog.at_level(logging.CRITICAL):
        waits_s = []
        for _ in range(4):
            wait_s = desk.worker.step()
            assert wait_s is not None
            waits_s.append(wait_s)
            desk.clock.forward(wait_s)
    assert all(wait_s >= 0.5 for wait_s in waits_s)
    assert desk.worker.problems() == (f"{contract.name}: an error in this program: RuntimeError: a bug",)
    assert desk.outbox.dead_letters() == ()
    assert desk.outbox.waiting(contract.name) == 3
    failing[0] = False
    desk.run()
    assert contract.arrived(3) == sent
    assert desk.worker.problems() == ()


def test_what_the_receiver_refuses_is_kept_with_its_reason_and_announced() -> None:
    class Picky:
        name = "picky"

        def __init__(self) -> None:
            self.taken: list[Record] = []

        def send(self, records: Sequence[Record]) -> Sent:
            for at, record in enumerate(records):
                if record.alert.message == POISON:
                    return Sent(at, DeliveryOutcome.PERMANENT, "400 no such field")
                self.taken.append(record)
            return Sent(len(records), DeliveryOutcome.OK)

    picky = Picky()
    desk = Desk(picky)
    desk.put()
    desk.put(2, message=POISON)
    desk.put()
    desk.run()
    assert [letter.reason for letter in desk.outbox.dead_letters()] == ["400 no such field"] * 2
    losses = [record.alert for record in picky.taken if record.alert.kind is AlertKind.LOSS]
    assert sum(loss.detail["dropped"] for loss in losses) == 2
    assert losses[0].reasons == ("1: picky refuses them as permanent; they are kept as dead letters",)


class Fragile:
    """Fails on some records, and answers as told for the others."""

    name = "fragile"

    def __init__(self, *answers: DeliveryOutcome) -> None:
        self.answers = list(answers)
        self.taken: list[Record] = []

    def send(self, records: Sequence[Record]) -> Sent:
        if any(record.alert.message == POISON for record in records):
            raise KeyError(POISON)
        outcome = self.answers.pop(0) if self.answers else DeliveryOutcome.OK
        if outcome is not DeliveryOutcome.OK:
            return Sent(0, outcome, "the network is down")
        self.taken += records
        return Sent(len(records), DeliveryOutcome.OK)


def test_a_record_is_buried_and_counted_once_however_many_get_through_behind_it() -> None:
    fragile = Fragile()
    desk = Desk(fragile)
    desk.put(message=POISON)
    desk.put(5)
    desk.run()
    losses = [record.alert for record in fragile.taken if record.alert.kind is AlertKind.LOSS]
    assert [loss.detail["dropped"] for loss in losses] == [1]
    assert losses[0].reasons == ("1: fragile fails on them; they are kept as dead letters",)
    assert len(fragile.taken) == 6, "each once, and the announcement"


def test_while_the_world_fails_no_record_is_to_blame() -> None:
    """The one behind the suspect does not arrive: for the network's sake, which says nothing about the suspect."""
    fragile = Fragile(DeliveryOutcome.RETRY)
    desk = Desk(fragile)
    desk.put(message=POISON)
    (behind,) = desk.put()
    desk.worker.step()
    assert desk.outbox.dead_letters() == ()
    assert desk.outbox.waiting("fragile") == 2
    assert "an error in this program: KeyError" in desk.worker.problems()[0]
    desk.run()
    assert behind in [record.alert.record_id for record in fragile.taken]
    assert len(desk.outbox.dead_letters()) == 1
