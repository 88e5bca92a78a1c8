"""Alerts made up for tests, a clock that only moves when told to, and destinations that answer by script."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from agent.alerts.alert import Activity, Alert, AlertKind, Severity
from agent.alerts.api import DeliveryOutcome, Record, Sent, Transport
from agent.alerts.delivery_worker import DeliveryWorker
from agent.alerts.outbox.store import AlertStore
from agent.alerts.outbox_maintenance import OutboxMaintenance, Sender
from agent.alerts.retry_job import RetryingJob

STREAM = "6f0c1f5e-7a2b-4d53-9b1c-0d8f2a4c9e10"


def make_alert(**changes: Any) -> Alert:
    """An intruder alert with ids of its own."""
    fields: dict[str, Any] = {
        "finding_id": str(uuid.uuid4()),
        "record_id": str(uuid.uuid4()),
        "kind": AlertKind.INTRUDER,
        "activity": Activity.CREATE,
        "severity": Severity.HIGH,
        "time_unix_ns": 1_767_225_600_123_456_789,
        "user": "alice",
        "host": "laptop-17",
        "message": "Somebody else moves the mouse.",
        "reasons": ("Strokes are 40 % slower than the owner's.",),
        "detail": {"trust": 3, "evidence_llr": -8.25, "mouse": "usb 046d:c077"},
    }
    return Alert(**{**fields, **changes})


def make_record(sequence: int = 1, **changes: Any) -> Record:
    """An alert in its place."""
    return Record(STREAM, sequence, make_alert(**changes))


class Clock:
    """Monotonic ns; `forward` moves it."""

    def __init__(self) -> None:
        self.now_ns = 1_000_000_000

    def __call__(self) -> int:
        return self.now_ns

    def forward(self, seconds: float) -> None:
        self.now_ns += round(seconds * 1e9)


class Scripted:
    """A destination: each call takes the next answer; without a script left it takes everything.

    An answer is a `Sent`, or an `DeliveryOutcome` that comes with nothing accepted.
    """

    def __init__(self, name: str, script: Iterable[Sent | DeliveryOutcome] = ()) -> None:
        self.name = name
        self.script = list(script)
        self.taken: list[str] = []
        self.calls = 0

    def send(self, records: Sequence[Record]) -> Sent:
        assert records, "a destination is not bothered without records"
        self.calls += 1
        answer = self.script.pop(0) if self.script else Sent(len(records), DeliveryOutcome.OK)
        sent = Sent(0, answer, "scripted") if isinstance(answer, DeliveryOutcome) else answer
        self.taken += [record.alert.record_id for record in records[: sent.accepted]]
        return sent

    def has(self, record_id: str) -> bool:
        """Whether it took that record."""
        return record_id in self.taken


class OneThread:
    """Everything that a delivery does, done in turn by whoever calls `step`."""

    def __init__(self, store: AlertStore, transports: Sequence[Transport], sender: Sender, seed: int) -> None:
        rng = random.Random(seed)
        keeper = RetryingJob(OutboxMaintenance(store, sender, lambda: None), sender.clock, rng)
        couriers = [DeliveryWorker(store, transport, sender, lambda: None) for transport in transports]
        self._jobs = [keeper]
        keeper.step()
        for courier in couriers:
            errand = RetryingJob(courier, sender.clock, rng)
            errand.resume(*courier.left_by_an_earlier_run())
            self._jobs.append(errand)

    def step(self) -> float | None:
        """One round of everybody: the shortest wait that one of them names."""
        for errand in self._jobs:
            errand.step()
        # Asked afterwards: a later one may have found work for an earlier one, or taken it away.
        waits_s = [errand.wait_s() for errand in self._jobs]
        return min((wait_s for wait_s in waits_s if wait_s is not None), default=None)

    def problems(self) -> tuple[str, ...]:
        return tuple(filter(None, (errand.problem for errand in self._jobs)))
