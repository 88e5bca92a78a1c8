"""Limits: what is asked comes out on streams like those that they were set on, and robustly."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from agent.config.schema import JudgementSettings
from agent.engine.calibration import Likelihood
from agent.engine.profile import Limits
from agent.engine.sequential_test import TrustState, Verdict, step
from enroll.limits import choose, count_events, supported, uniformity
from enroll.owner import Drift, Owner, owner_of, simulate

RNG = np.random.default_rng(5)
ASKED = JudgementSettings(false_locks_per_40h=1.0, false_alerts_per_40h=5.0)


def owner(drift: float = 0.2, **changes: Any) -> Owner:
    told = Owner((RNG.normal(size=2_000), RNG.normal(size=2_000)), Drift(drift, 3.0), 1_000, 700.0, 6.0, 2.0)
    return replace(told, **changes)


def limits_of(told: Owner) -> Limits:
    return choose(told, [ASKED])[1][0]


def test_what_was_asked_is_realised_on_other_streams_of_the_same_owner() -> None:
    asked = JudgementSettings(false_locks_per_40h=5.0, false_alerts_per_40h=20.0)
    same = owner()
    likelihood, (limits,) = choose(same, [asked])
    streams = simulate(same, steps=4_000, streams=40, seed=99)
    locks = 0
    for stream in streams.T:
        for begin in range(0, len(stream), 1_000):
            state = TrustState()
            for z in stream[begin : begin + 1_000].tolist():
                state = step(state, z, likelihood, 0, limits)
                if state.verdict is Verdict.INTRUDER:
                    locks += 1
                    break
    hours = streams.size / 700.0
    # Asked are 28.6 in these 228.6 hours.
    assert 2.5 < locks / hours * 40.0 < 8.0


def test_events_of_a_simulation_are_those_of_the_agents_own_test_exactly() -> None:
    streams = simulate(owner(drift=0.8), steps=1_500, streams=6, seed=3).astype(np.float64)
    likelihood, grid = Likelihood(1.2, 0.5), np.array([1.5, 4.0, 9.0, 30.0])
    locks, alerts = count_events(streams, grid, likelihood, 400)
    for j, limit in enumerate(grid.tolist()):
        # Where what locks is out of reach, alerts are counted as if nothing locked.
        for counted, limits in (
            (locks, Limits(limit, limit, 1.0, False)),
            (alerts, Limits(limit, 1e9, 1.0, False)),
        ):
            events = 0
            for stream in streams.T.tolist():
                state = TrustState()
                for at, deviate in enumerate(stream):
                    before = TrustState() if at % 400 == 0 else state
                    state = step(before, deviate, likelihood, 0, limits)
                    if state.verdict is Verdict.INTRUDER:
                        events, state = events + 1, TrustState()
                    events += state.verdict is Verdict.SUSPICIOUS and before.verdict is Verdict.GENUINE
            assert counted[j] == events
    assert locks[0] > locks[1] > locks[3] > 0
    assert alerts[0] > alerts[3] > 0


def test_only_the_first_lock_of_a_session_counts_towards_what_was_asked() -> None:
    streams = np.full((600, 3), -3.0)
    streams[:, 2] = 1.0
    likelihood, limits = Likelihood(1.2, 0.5), np.array([5.0])
    every, _ = count_events(streams, limits, likelihood, 200)
    first, _ = count_events(streams, limits, likelihood, 200, first_of_session=True)
    # Three sessions of two streams that lie far off all day; the third stream never does.
    assert first.tolist() == [6.0]
    assert every[0] > 60


def test_rarer_is_a_higher_limit_and_alert_never_above_lock() -> None:
    asked = [JudgementSettings(false_locks_per_40h=r, false_alerts_per_40h=5.0) for r in (0.5, 2.0, 10.0)]
    told = choose(owner(), asked)[1]
    assert told[0].lock > told[1].lock > told[2].lock
    assert all(0.0 < one.alert < one.lock for one in told)
    assert [one.asked_per_40h for one in told] == [0.5, 2.0, 10.0]


def test_sessions_that_differ_and_actions_that_depend_raise_the_limit() -> None:
    plain = limits_of(owner(drift=0.05)).lock
    assert limits_of(owner(drift=0.4)).lock > 1.5 * plain
    waves = np.repeat(RNG.normal(size=400), 10)
    assert limits_of(owner(drift=0.05, sessions=(waves,))).lock > 1.5 * plain


def test_the_same_seed_gives_the_same_limits() -> None:
    told = owner()
    assert choose(told, [ASKED], seed=4) == choose(told, [ASKED], seed=4)


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
    likelihood, _ = choose(owner(inflation=2.5), [ASKED])
    assert (likelihood.shift, likelihood.share) == (1.2, pytest.approx(0.4))


def test_the_alert_limit_is_at_most_four_fifths_of_the_lock_limit() -> None:
    asked = JudgementSettings(false_locks_per_40h=10.0, false_alerts_per_40h=0.2)
    _, (limits,) = choose(owner(), [asked])
    assert limits.alert == pytest.approx(0.8 * limits.lock)
