"""The posterior against Bayes' rule by hand, and against counted alarms."""

from __future__ import annotations

import math

import pytest

from agent.engine.posterior import belief
from agent.engine.profile import Limits

LIMITS = Limits(alert=4.0, lock=8.0, asked_per_40h=1.0, estimated=False)


def test_at_the_lock_limit_by_hand() -> None:
    """One false lock per 40 h: an hour of the owner's reaches the limit with 1 - e^(-1/40) = 0.02469."""
    found = belief(8.0, LIMITS, 5.0, 0.5)
    assert found is not None
    assert found.likelihood_ratio == pytest.approx(1 / 0.02469, rel=1e-3)
    assert found.prior == pytest.approx(0.000499875, rel=1e-6)
    # 40.5 * 0.0005 = 0.02026 to 1
    assert found.posterior == pytest.approx(0.02026 / 1.02026, rel=1e-3)


def test_at_the_alert_limit_and_halfway() -> None:
    at_alert, halfway = (belief(statistic, LIMITS, 5.0, 0.5) for statistic in (4.0, 6.0))
    assert at_alert is not None
    assert halfway is not None
    assert at_alert.likelihood_ratio == pytest.approx(1 / (1 - math.exp(-5 / 40)), rel=1e-9)
    # Half the way is the geometric mean of 5 and 1 per 40 h.
    assert halfway.likelihood_ratio == pytest.approx(1 / (1 - math.exp(-math.sqrt(5) / 40)), rel=1e-9)


def test_more_evidence_never_means_less() -> None:
    steps = [belief(statistic / 10, LIMITS, 5.0, 0.5) for statistic in range(30, 100)]
    posteriors = [step.posterior for step in steps if step]
    assert posteriors == sorted(posteriors)
    assert posteriors[0] < posteriors[30] < posteriors[50] == posteriors[-1]


def test_a_profile_whose_rates_are_estimated_gives_no_figure() -> None:
    assert belief(8.0, Limits(4.0, 8.0, 1.0, estimated=True), 5.0, 0.5) is None


def test_one_limit_and_an_alert_rate_below_the_lock_rate() -> None:
    same = belief(9.0, Limits(4.0, 4.0, 1.0, estimated=False), 5.0, 0.5)
    assert same is not None
    assert same.likelihood_ratio == pytest.approx(40.5, rel=1e-3)
    odd = belief(4.0, LIMITS, 0.1, 0.5)
    assert odd is not None
    assert odd.likelihood_ratio == pytest.approx(40.5, rel=1e-3)


def test_the_figure_is_the_share_among_counted_alarms() -> None:
    """In 1,000,000 hours: 500 intrusions that each alarm once, and the owner's false alarms at their rate."""
    hours, intrusions = 1_000_000, 500
    false_alarms = hours / 40
    found = belief(8.0, LIMITS, 5.0, intrusions / hours * 1000)
    assert found is not None
    assert found.posterior == pytest.approx(intrusions / (intrusions + false_alarms), rel=0.02)


def test_where_intrusions_are_frequent_the_odds_are_not_the_probability() -> None:
    """100 per 1,000 h: a prior of 1 - e^(-0.1) = 0.0952, so odds of 0.1052; times 40.5 they are 4.26 to 1."""
    found = belief(8.0, LIMITS, 5.0, 100.0)
    assert found is not None
    assert found.posterior == pytest.approx(4.2597 / 5.2597, rel=1e-3)
