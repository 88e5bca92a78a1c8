"""How a batch is brought where a receiver answers for one record, or for all of them at once. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from agent.alerts.api import REFUSED, DeliveryOutcome, Record, Sent


def one_by_one(records: Sequence[Record], bring: Callable[[Record], Sent]) -> Sent:
    """Bring record after record, until one does not arrive."""
    for at, record in enumerate(records):
        sent = bring(record)
        if sent.outcome is not DeliveryOutcome.OK:
            return replace(sent, accepted=at)
    return Sent(len(records), DeliveryOutcome.OK)


def in_halves(records: Sequence[Record], bring: Callable[[Sequence[Record]], Sent]) -> Sent:
    """Bring all at once; of a batch that is refused halves, until the record to blame is known.

    Parameters
    ----------
    records : sequence of Record
        At least one.
    bring : callable
        Brings all or none of the records it is given.
    """
    sent = bring(records)
    if sent.outcome not in REFUSED or len(records) == 1:
        return sent
    middle = len(records) // 2
    first = in_halves(records[:middle], bring)
    if first.outcome is not DeliveryOutcome.OK:
        return first
    second = in_halves(records[middle:], bring)
    return replace(second, accepted=middle + second.accepted)
