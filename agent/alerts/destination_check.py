"""Destination check: sends a test alert to every destination, past the outbox."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from agent.alerts.alert import Activity, Alert, AlertKind, Severity
from agent.alerts.api import DeliveryOutcome, Record, Sent, Transport


@dataclass(frozen=True, slots=True)
class DestinationAnswer:
    """What one destination said.

    Attributes
    ----------
    name : str
    outcome : DeliveryOutcome
    detail : str
        Why it did not take the alert; empty after OK.
    """

    name: str
    outcome: DeliveryOutcome
    detail: str


def try_destinations(transports: Sequence[Transport], alert: Alert) -> Iterator[DestinationAnswer]:
    """Send `alert` to all of them at once, and tell of each in their order. Blocks 30 s at most each.

    The record is of a stream of its own, so that receivers see no gap in the agent's.
    """
    record = Record(str(uuid.uuid4()), 1, alert)
    with ThreadPoolExecutor(max_workers=max(1, len(transports))) as pool:
        for transport, sent in zip(
            transports, pool.map(lambda way: way.send([record]), transports), strict=True
        ):
            yield _tried(transport.name, sent)


def _tried(name: str, sent: Sent) -> DestinationAnswer:
    if sent.outcome is DeliveryOutcome.OK and not sent.accepted:
        return DestinationAnswer(name, DeliveryOutcome.RETRY, "it took nothing and did not say why")
    return DestinationAnswer(name, sent.outcome, sent.detail)


def trial_alert(user: str, host: str, time_unix_ns: int) -> Alert:
    """An informational alert that says of itself that it is a test."""
    return Alert(
        finding_id=str(uuid.uuid4()),
        record_id=str(uuid.uuid4()),
        kind=AlertKind.TEST,
        activity=Activity.CREATE,
        severity=Severity.INFORMATIONAL,
        time_unix_ns=time_unix_ns,
        user=user,
        host=host,
        message="This is a test: somebody asked whether alerts of this computer arrive here.",
    )
