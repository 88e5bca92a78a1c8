"""Rates of alerts, and what counts as use of the mouse."""

from __future__ import annotations

from agent.runtime.lifecycle.rate_limit import ActiveTime, AlertRateLimit

SECOND = 1_000_000_000


def test_one_alert_of_a_kind_in_a_while_and_the_others_are_counted() -> None:
    limit = AlertRateLimit(every_ns=10)
    assert [limit.passes("a", t) for t in (0, 5, 9, 10, 12)] == [True, False, False, True, False]
    assert limit.passes("b", 12)
    assert limit.held_back("a") == 3
    assert limit.held_back("a") == 0


def test_reading_is_not_mouse_use() -> None:
    active = ActiveTime()
    active.events(0, 2 * SECOND)
    active.events(10 * SECOND, 11 * SECOND)
    active.events(500 * SECOND, 501 * SECOND)
    assert active.total_ns == (2 + 8 + 1 + 1) * SECOND
    active.restart()
    assert active.total_ns == 0
