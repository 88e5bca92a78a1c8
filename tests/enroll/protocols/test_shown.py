"""What so many hours show of an asked rate: exact figures of the Poisson distribution, by hand."""

from __future__ import annotations

import math

import pytest

from enroll.protocols.shown import PersonCount, shown, upper_bound_per_40h


def people(*locks: int, hours: float = 20.0) -> list[PersonCount]:
    return [PersonCount(f"p{number}", count, hours) for number, count in enumerate(locks)]


def test_by_hand() -> None:
    # Two locks in 100 hours, one asked per 40: 2.5 expected; P(N >= 2) = 1 - e^-2.5 (1 + 2.5).
    figures = shown(people(2, 0, 0, 0, 0), 1.0)
    assert (figures["first_locks"], figures["active_hours"], figures["per_40h"]) == (2, 100.0, 0.8)
    assert figures["p_value"] == pytest.approx(1.0 - 3.5 * math.exp(-2.5), abs=1e-4)
    # The mean at which two or fewer have a chance of 5 % is 6.2958 (tables of the Poisson distribution).
    assert figures["upper_bound_per_40h"] == pytest.approx(6.2958 * 0.4, abs=1e-3)
    assert figures["shown"] is True


def test_the_bound_is_where_so_few_have_a_chance_of_5_percent() -> None:
    for locks in range(6):
        mean = upper_bound_per_40h(locks, 40.0)
        chance = sum(math.exp(-mean) * mean**k / math.factorial(k) for k in range(locks + 1))
        assert chance == pytest.approx(0.05, abs=1e-9)


def test_some_107_hours_show_three_events_and_not_four() -> None:
    for locks, is_shown in ((0, True), (3, True), (4, False)):
        assert shown([PersonCount("a", locks, 107.0)], 1.0)["shown"] is is_shown


def test_few_hours_show_nothing() -> None:
    figures = shown(people(0, hours=10.9), 1.0)
    assert figures["shown"] is False
    assert figures["p_value"] == 1.0
    assert shown([], 1.0) == {"first_locks": 0, "active_hours": 0.0, "shown": False}


def test_a_rate_that_the_exact_test_rejects_is_not_shown() -> None:
    # 400 hours: 10 expected; P(N >= 16) = 0.049, P(N >= 15) = 0.083. The bound of both is far below 3.
    for locks, is_shown in ((15, True), (16, False)):
        figures = shown([PersonCount("a", locks, 400.0)], 1.0)
        assert figures["upper_bound_per_40h"] < 3.0
        assert figures["shown"] is is_shown


def test_the_interval_is_over_people() -> None:
    low, high = shown(people(8, 0, 0, 0), 1.0)["persons_ci95"]
    # In 97.5 % of the draws the one who locks is drawn at most three times of four: 24 locks in 80 hours.
    assert (low, high) == (0.0, pytest.approx(12.0))
