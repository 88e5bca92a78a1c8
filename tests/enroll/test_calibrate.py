"""Limits: what is asked comes out on streams like those that they were set on, and robustly."""

from __future__ import annotations

import numpy as np
import pytest

from agent.engine.settings import Judgement
from agent.engine.trust import Verdict, full_trust, step
from enroll.calibrate import SHIFTS, Owner, choose, owner_of, simulate, supported

RNG = np.random.default_rng(5)
ASKED = Judgement(false_locks_per_40h=1.0, false_alerts_per_40h=5.0)


def owner(drift_sd: float = 0.25, **changes: float) -> Owner:
    told = {
        "residuals": RNG.normal(size=4_000),
        "drift_sd": drift_sd,
        "degrees": 10,
        "session_actions": 1_000,
        "actions_per_h": 700.0,
        "hours": 6.0,
        "inflation": 2.0,
    }
    return Owner(**{**told, **changes})


def test_what_was_asked_is_realised_on_other_streams_of_the_same_owner() -> None:
    likelihoods, limits = choose(owner(), ASKED)
    streams = simulate(owner(), steps=6_000, streams=20, seed=99)
    locks = 0
    for stream in streams.T:
        state = full_trust(len(SHIFTS))
        for z in stream.tolist():
            state = step(state, [one.llr(z) for one in likelihoods], 0, limits)
            if state.verdict is Verdict.INTRUDER:
                locks, state = locks + 1, full_trust(len(SHIFTS))
    hours = streams.size / 700.0
    # Asked are 1 in 40 h, so 4.3 in these 171 h; the tests overlap, and each gets a third.
    assert locks / hours * 40.0 < 2.5


def test_rarer_is_a_higher_limit_and_alert_never_above_lock() -> None:
    limits = [
        choose(owner(), Judgement(false_locks_per_40h=r, false_alerts_per_40h=5.0))[1]
        for r in (0.5, 2.0, 10.0)
    ]
    assert limits[0].lock > limits[1].lock > limits[2].lock
    assert all(0.0 < one.alert < one.lock for one in limits)
    assert limits[0].asked_per_40h == 0.5


def test_sessions_that_differ_and_actions_that_depend_raise_the_limit() -> None:
    plain = choose(owner(drift_sd=0.05), ASKED)[1].lock
    assert choose(owner(drift_sd=0.5), ASKED)[1].lock > 1.5 * plain
    waves = np.repeat(RNG.normal(size=400), 10)
    assert choose(owner(drift_sd=0.05, residuals=waves), ASKED)[1].lock > 1.5 * plain


def test_the_same_seed_gives_the_same_limits() -> None:
    told = owner()
    assert choose(told, ASKED, seed=4) == choose(told, ASKED, seed=4)


def test_an_owner_is_fitted_with_drift_between_prior_and_what_was_seen() -> None:
    sessions = [RNG.normal(size=2_000) + d for d in (-0.8, 0.7, 0.9, -0.9)]
    told = owner_of(sessions, active_s=4 * 3600.0)
    assert 0.25 < told.drift_sd < 0.85
    assert told.actions_per_h == pytest.approx(2_000.0)
    assert told.degrees == 9
    calm = owner_of([RNG.normal(size=2_000) for _ in range(4)], active_s=4 * 3600.0)
    assert calm.drift_sd < 0.25
    assert calm.inflation < 1.6 < owner_of([np.repeat(RNG.normal(size=400), 5)] * 3, 3600.0).inflation


def test_what_was_not_observed_is_an_estimate() -> None:
    assert not supported(100.0, 1.0)
    assert supported(120.0, 1.0)
    assert choose(owner(), ASKED)[1].estimated
    assert not choose(owner(hours=130.0), ASKED)[1].estimated


def test_one_session_only_still_gives_limits() -> None:
    told = owner_of([RNG.normal(size=120)], active_s=600.0)
    likelihoods, limits = choose(told, ASKED)
    assert len(likelihoods) == len(SHIFTS)
    assert np.isfinite([limits.alert, limits.lock]).all()
