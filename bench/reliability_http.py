"""Destinations over HTTP whose receiver answers everything that receivers answer, and sometimes nothing."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from agent.alerts.alert import AlertKind
from agent.alerts.api import DeliveryOutcome, Record, Sent, Transport
from agent.alerts.ocsf import Product, to_ocsf
from agent.alerts.outbox.repair import open_outbox
from agent.alerts.outbox.store import AlertStore
from agent.alerts.outbox_maintenance import Sender
from agent.alerts.transports.http_client import Address
from agent.alerts.transports.otlp import OtlpContext, OtlpLogs
from agent.alerts.transports.splunk import EVENTS, SplunkHec, Waits
from agent.alerts.transports.tls_trouble import TlsContext, TlsFiles
from agent.alerts.transports.webhook import Webhook
from agent.engine.errors import SteadyhandError
from agent.files.secret import SecretFile
from bench.reliability_arrival import Arrival, arrival, made_alert
from tests.agent.alerts.fakes import Clock, OneThread
from tests.agent.alerts.transports.http_stub import Handler, Request, Stub, cut, drip, hang, hang_up, serving

PRODUCT: Final = Product("0", "Linux")
_SECRET: Final = "whsec_" + "QUJD" * 8


def _form(record: Any) -> dict[str, Any]:
    return to_ocsf(record, PRODUCT)


def transport(name: str, stub: Stub, folder: Path, clock: Clock) -> Transport:
    """The destination called `name`, impatient, with its secret in `folder`."""
    secret = folder / f"{name}.secret"
    secret.touch(0o600)
    secret.write_text("Authorization: Bearer x" if name == "otlp" else _SECRET)
    held = SecretFile(f"{name}_secret", str(secret))
    files = TlsFiles("", "", "", prefix="http_")
    address = Address(f"{name}_url", stub.url(), TlsContext(files), step_s=0.2, whole_s=0.4)
    if name == "splunk":
        return SplunkHec(address, held, "", _form, Waits(clock, clock.forward))
    if name == "webhook":
        return Webhook(address, held, _form, time.time_ns)
    return OtlpLogs(address, held, OtlpContext(_form, PRODUCT))


class CountingReceiver:
    """Answers with trouble now and then, and notes what it took.

    Parameters
    ----------
    name : str
        Of the destination.
    trouble : float
        Share of requests that meet trouble.
    refused : frozenset of str
        Ids of alerts that it will never take: OTLP says so by a partial success, others by 400.
    """

    def __init__(self, name: str, trouble: float, refused: frozenset[str] = frozenset()) -> None:
        self.taken: list[str] = []
        self.troubles = 0
        self._name = name
        self._trouble = trouble
        self._refused = refused
        self._rng = random.Random(11)
        self._acks = 0

    def script(self) -> Iterator[Callable[[Handler], None]]:
        """What the stub does, without end."""
        while True:
            yield self._step

    def _step(self, handler: Handler) -> None:
        if self._rng.random() < self._trouble:
            self.troubles += 1
            self._rng.choice(self._troubles())(handler)
        else:
            self._good(handler)

    def _troubles(self) -> list[Callable[[Handler], None]]:
        def status(code: int, headers: dict[str, str]) -> Callable[[Handler], None]:
            return lambda handler: handler.answer(code, headers, b"not now")

        def taken_and_cut(handler: Handler) -> None:
            self.taken += self._ids(handler.stub.requests[-1])
            cut(handler)

        busy = status(429, {"Retry-After": "30"})
        away = status(503, {"Retry-After": "Fri, 01 Jan 2100 00:00:00 GMT"})
        return [busy, away, status(500, {}), status(401, {}), hang, hang_up, drip, taken_and_cut]

    def _good(self, handler: Handler) -> None:
        request = handler.stub.requests[-1]
        if request.path.endswith("/ack"):
            asked = request.json()["acks"]
            handler.answer(200, {}, {"acks": {str(ack): self._rng.random() < 0.6 for ack in asked}})
            return
        ids = self._ids(request)
        if self._refused & set(ids):
            part = {"partialSuccess": {"rejectedLogRecords": "1", "errorMessage": "never"}}
            if self._name == "otlp":
                handler.answer(200, {}, part)
            else:
                handler.answer(400, {}, b"never")
            return
        self.taken += ids
        self._acks += 1
        handler.answer(200, {}, {"code": 0, "ackId": self._acks} if request.path == EVENTS else {})

    def _ids(self, request: Request) -> list[str]:
        if self._name == "webhook":
            return [request.headers["webhook-id"]]
        if self._name == "splunk":
            lines = request.body.splitlines() if request.path == EVENTS else ()
            return [json.loads(line)["event"]["metadata"]["uid"] for line in lines]
        (log,) = request.json()["resourceLogs"][0]["scopeLogs"][0]["logRecords"]
        return [pair["value"]["stringValue"] for pair in log["attributes"] if pair["key"] == "event.id"]


def troubled_http(name: str, folder: Path, count: int, *, trouble: float = 0.5, refused: int = 0) -> Arrival:
    """Bring `count` alerts through all that trouble. Waits between tries are skipped by a clock that jumps.

    Raises
    ------
    SteadyhandError
        If alerts are announced as lost that were not, or the other way round.
    """
    began_s = time.monotonic()
    clock = Clock()
    alerts = [made_alert(number) for number in range(count)]
    unwanted = (
        frozenset(alert.record_id for alert in alerts[5 :: max(1, count // refused)][:refused])
        if refused
        else frozenset()
    )
    receiver = CountingReceiver(name, trouble, unwanted)
    with serving() as stub:
        stub.script = _Endless(receiver)  # type: ignore[assignment]
        way = transport(name, stub, folder, clock)
        witness = _Witness()
        names = [way.name, witness.name]
        outbox, _ = open_outbox(folder / f"{name}.db", 100_000_000, names)
        spare, _ = open_outbox(None, 1_000_000, names)
        for alert in alerts:
            outbox.put(alert)
        store = AlertStore(lambda: (outbox, ()), spare)
        everybody = OneThread(store, [way, witness], Sender("trial", "trial", clock, time.time_ns), 4)
        while (wait_s := everybody.step()) is not None:
            clock.forward(wait_s)
    outbox.close()
    if witness.lost != refused:
        raise SteadyhandError(f"{name}: {refused} alerts refused, {witness.lost} announced", "find out why")
    sent = [alert.record_id for alert in alerts if alert.record_id not in unwanted]
    more = f", {refused} alerts refused and announced" if refused else ""
    trial = f"{name}: {trouble:.0%} of requests answered with trouble{more}"
    return arrival(trial, sent, receiver.taken, receiver.troubles, began_s)


class _Endless:
    """A script that never ends, for the stub's list."""

    def __init__(self, receiver: CountingReceiver) -> None:
        self._steps = receiver.script()

    def pop(self, _: int) -> Callable[[Handler], None]:
        return next(self._steps)


class _Witness:
    """A second destination, which takes everything and adds up what announcements call lost."""

    name = "witness"

    def __init__(self) -> None:
        self.lost = 0

    def send(self, records: Sequence[Record]) -> Sent:
        losses = [record.alert for record in records if record.alert.kind is AlertKind.LOSS]
        self.lost += sum(int(alert.detail["dropped"]) for alert in losses)
        return Sent(len(records), DeliveryOutcome.OK)
