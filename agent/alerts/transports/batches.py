"""How a batch is brought where a receiver answers for one record, or for all of them at once. Pure."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from agent.alerts.api import REFUSED, DeliveryOutcome, Record, Sent

WHOLE_S: Final = 30.0
"""Seconds after which a batch ends with what has arrived: the rest is the next one."""


def one_by_one(
    records: Sequence[Record],
    bring: Callable[[Record], Sent],
    clock: Callable[[], int] = time.monotonic_ns,
    whole_s: float = WHOLE_S,
) -> Sent:
    """Bring record after record, until one does not arrive or the time of a batch is over.

    Parameters
    ----------
    records : sequence of Record
    bring : callable
    clock : callable, optional
        Monotonic ns.
    whole_s : float, optional
        After so long no further record is begun.
    """
    end_ns = clock() + round(whole_s * 1e9)
    for at, record in enumerate(records):
        if at and clock() >= end_ns:
            return Sent(at, DeliveryOutcome.OK)
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
