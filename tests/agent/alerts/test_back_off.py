"""Back-off with full jitter, by numbers only."""

from __future__ import annotations

import random

import pytest

from agent.alerts.api import DeliveryOutcome
from agent.alerts.back_off import LEAST_S, MOST_S, BackOff


def schedule(seed: int = 1) -> BackOff:
    return BackOff(random.Random(seed))


def test_it_is_due_at_first() -> None:
    plan = schedule()
    assert plan.is_due(0)
    assert plan.wait_s(0) == 0.0


def test_the_jitter_is_full_and_its_ceiling_doubles_from_5_to_300_s() -> None:
    ceilings = [5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 300.0, 300.0, 300.0]
    delays: list[list[float]] = [[] for _ in ceilings]
    for seed in range(400):
        plan = schedule(seed)
        for delay in delays:
            delay.append(plan.failed(0, DeliveryOutcome.RETRY))
    for ceiling_s, found in zip(ceilings, delays, strict=True):
        assert LEAST_S <= min(found) < 0.11 * ceiling_s + LEAST_S
        assert 0.95 * ceiling_s < max(found) <= ceiling_s
        assert sum(found) / len(found) == pytest.approx(ceiling_s / 2, rel=0.12)


def test_it_never_gives_up_and_never_overflows() -> None:
    plan = schedule()
    assert all(plan.failed(0, DeliveryOutcome.RETRY) <= MOST_S for _ in range(5000))
    assert plan.attempts == 5000


def test_a_failure_delays_the_next_try() -> None:
    plan = schedule()
    delay_s = plan.failed(1000, DeliveryOutcome.RETRY)
    due_ns = 1000 + round(delay_s * 1e9)
    assert not plan.is_due(due_ns - 1)
    assert plan.is_due(due_ns)
    assert plan.wait_s(1000) == pytest.approx(delay_s)
    assert plan.wait_s(due_ns + 5) == 0.0


def test_success_ends_the_back_off() -> None:
    plan = schedule()
    for _ in range(9):
        plan.failed(0, DeliveryOutcome.RETRY)
    plan.succeeded()
    assert plan.is_due(0)
    assert plan.failed(0, DeliveryOutcome.RETRY) <= 5.0


@pytest.mark.parametrize(("asked_s", "least_s", "most_s"), [(30.0, 30.0, 33.0), (9e9, 3600.0, 3960.0)])
def test_retry_after_is_the_least_wait_up_to_an_hour(asked_s: float, least_s: float, most_s: float) -> None:
    for seed in range(50):
        assert least_s <= schedule(seed).failed(0, DeliveryOutcome.BACK_OFF, asked_s) <= max(most_s, 60.0)


@pytest.mark.parametrize("asked_s", [0.0, -5.0, None])
def test_a_senseless_retry_after_is_no_retry_after(asked_s: float | None) -> None:
    assert schedule().failed(0, DeliveryOutcome.RETRY, asked_s) == schedule().failed(0, DeliveryOutcome.RETRY)


def test_what_a_person_must_mend_is_tried_less_often() -> None:
    waits_s = [schedule(seed).failed(0, DeliveryOutcome.AUTH_FAILED) for seed in range(200)]
    assert 30.0 < max(waits_s) <= 60.0


def test_it_goes_on_where_it_was() -> None:
    plan = schedule()
    plan.resume(6, 7_000_000_000)
    assert not plan.is_due(6_999_999_999)
    assert max(schedule_after_six(seed) for seed in range(100)) > 200.0
    plan.hasten()
    assert plan.is_due(0)
    assert plan.attempts == 6


def schedule_after_six(seed: int) -> float:
    plan = schedule(seed)
    plan.resume(6, 0)
    return plan.failed(0, DeliveryOutcome.RETRY)
