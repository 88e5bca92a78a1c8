"""Record by record, and in halves: what is accepted is always the front of the batch."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from agent.alerts.api import DeliveryOutcome, Record, Sent
from agent.alerts.transports.batches import in_halves, one_by_one
from tests.agent.alerts.fakes import make_record


def numbered(count: int) -> list[Record]:
    return [make_record(number) for number in range(count)]


def test_record_by_record_stops_at_the_first_that_does_not_arrive() -> None:
    answers = [DeliveryOutcome.OK, DeliveryOutcome.OK, DeliveryOutcome.BACK_OFF]
    asked: list[int] = []

    def bring(record: Record) -> Sent:
        asked.append(record.sequence)
        return Sent(0, answers[record.sequence], "busy", 7.0)

    assert one_by_one(numbered(5), bring) == Sent(2, DeliveryOutcome.BACK_OFF, "busy", 7.0)
    assert asked == [0, 1, 2]
    assert one_by_one(numbered(2), bring) == Sent(2, DeliveryOutcome.OK)
    assert one_by_one([], bring) == Sent(0, DeliveryOutcome.OK)


@pytest.mark.parametrize("count", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("outcome", [DeliveryOutcome.PERMANENT, DeliveryOutcome.TOO_LARGE])
def test_halving_finds_the_first_record_to_blame(count: int, outcome: DeliveryOutcome) -> None:
    for bad in {0, count // 3, count // 2, count - 1}:
        taken: list[int] = []

        def bring(records: Sequence[Record], bad: int = bad, taken: list[int] = taken) -> Sent:
            numbers = [record.sequence for record in records]
            if bad in numbers:
                return Sent(0, outcome, "no")
            taken.extend(numbers)
            return Sent(len(records), DeliveryOutcome.OK)

        assert in_halves(numbered(count), bring) == Sent(bad, outcome, "no")
        assert taken[:bad] == list(range(bad)), "all before it arrived once, in order"


@pytest.mark.parametrize(
    "outcome", [DeliveryOutcome.RETRY, DeliveryOutcome.BACK_OFF, DeliveryOutcome.AUTH_FAILED]
)
def test_what_is_not_the_records_fault_is_not_halved(outcome: DeliveryOutcome) -> None:
    calls = 0

    def bring(records: Sequence[Record]) -> Sent:
        nonlocal calls
        calls += 1
        return Sent(0, outcome, "later")

    assert in_halves(numbered(64), bring) == Sent(0, outcome, "later")
    assert calls == 1


def test_a_half_that_fails_later_keeps_what_arrived() -> None:
    answers = iter(
        [
            Sent(0, DeliveryOutcome.TOO_LARGE),
            Sent(4, DeliveryOutcome.OK),
            Sent(0, DeliveryOutcome.RETRY, "gone"),
        ]
    )
    assert in_halves(numbered(8), lambda _: next(answers)) == Sent(4, DeliveryOutcome.RETRY, "gone")


def test_a_batch_ends_with_what_has_arrived_when_its_time_is_over() -> None:
    now_ns = [0]

    def bring(_: Record) -> Sent:
        now_ns[0] += 400_000_000
        return Sent(1, DeliveryOutcome.OK)

    assert one_by_one(numbered(5), bring, lambda: now_ns[0], whole_s=1.0) == Sent(3, DeliveryOutcome.OK)
    assert one_by_one(numbered(2), bring, lambda: now_ns[0], whole_s=1.0) == Sent(2, DeliveryOutcome.OK)
    assert one_by_one(numbered(5), bring, lambda: now_ns[0], whole_s=0.8) == Sent(2, DeliveryOutcome.OK)
    assert one_by_one(numbered(2), bring, lambda: now_ns[0], whole_s=0.0) == Sent(1, DeliveryOutcome.OK)
