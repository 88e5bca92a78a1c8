"""Limits: those of all people, for the asked rates, in the units of one person's evidence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from agent.config.schema import JudgementSettings
from agent.engine.profile import Limits
from enroll.excursions import ExcursionTail
from enroll.limits import choose, supported, uniformity
from enroll.owner import Owner, PooledDays, owner_of

RNG = np.random.default_rng(5)
ASKED = JudgementSettings(false_locks_per_40h=1.0, false_alerts_per_40h=5.0)


def owner(**changes: Any) -> Owner:
    return replace(Owner(0.2, 2.5, 6.0, PooledDays(0.3, 1.5, 8.0, ExcursionTail(20.0, 2.0))), **changes)


def limits_of(owner_seen: Owner) -> Limits:
    return choose(owner_seen, [ASKED])[1][0]


def test_limits_are_those_that_people_reach_as_often_as_asked() -> None:
    limits = limits_of(owner())
    assert limits.lock == pytest.approx(2.0 + 2.0 * np.log(20.0))
    assert limits.alert == pytest.approx(2.0 + 2.0 * np.log(4.0))


def test_rarer_is_a_higher_limit_and_alert_never_above_lock() -> None:
    asked = [JudgementSettings(false_locks_per_40h=r, false_alerts_per_40h=5.0) for r in (0.5, 2.0, 10.0)]
    limits = choose(owner(), asked)[1]
    assert limits[0].lock > limits[1].lock > limits[2].lock
    assert all(0.0 < each.alert < each.lock for each in limits)
    assert [each.asked_per_40h for each in limits] == [0.5, 2.0, 10.0]


def test_what_was_not_observed_is_an_estimate() -> None:
    assert not supported(100.0, 1.0)
    assert supported(120.0, 1.0)
    assert limits_of(owner()).estimated
    assert not limits_of(owner(hours=130.0)).estimated


def test_one_session_only_still_gives_limits() -> None:
    limits = limits_of(owner_of([RNG.normal(size=120)], active_s=600.0))
    assert np.isfinite([limits.alert, limits.lock]).all()


def test_uniformity_of_p_values() -> None:
    # Quartiles of the standard normal: the empirical steps lie a quarter apart, at the middle of each a half step off.
    assert uniformity(np.array([-1.15035, -0.31864, 0.31864, 1.15035])) == pytest.approx(0.125, abs=1e-4)
    assert uniformity(np.full(10, -9.0)) == pytest.approx(1.0, abs=1e-6)
    assert uniformity(RNG.normal(size=4_000)) < 0.03 < uniformity(RNG.normal(size=4_000) + 0.2)


def test_whether_limits_are_estimates_follows_from_the_rate_of_locks_alone() -> None:
    # 30 hours without a false lock bound the rate at 4 per 40 h: enough for 5, whatever was asked for alerts.
    seldom = JudgementSettings(false_locks_per_40h=1.0, false_alerts_per_40h=5.0)
    often = JudgementSettings(false_locks_per_40h=5.0, false_alerts_per_40h=5.0)
    _, limits = choose(owner(hours=30.0), [seldom, often])
    assert [each.estimated for each in limits] == [True, False]
    assert supported(24.0, 5.0)
    assert not supported(23.9, 5.0)


def test_the_evidence_counts_dependent_actions_less() -> None:
    likelihood, _ = choose(owner(), [ASKED])
    assert likelihood.to_array().tolist() == pytest.approx([1.5, 0.4, 2.5, 0.0])


def test_the_alert_limit_is_at_most_four_fifths_of_the_lock_limit() -> None:
    asked = JudgementSettings(false_locks_per_40h=10.0, false_alerts_per_40h=0.2)
    _, (limits,) = choose(owner(), [asked])
    assert limits.alert == pytest.approx(0.8 * limits.lock)
