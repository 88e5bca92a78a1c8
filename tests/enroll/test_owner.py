"""The model of the owner at work: fitted between what was seen and what people do, and simulated as fitted."""

from __future__ import annotations

import numpy as np
import pytest

from enroll.owner import COHORT_DRIFT, DIFFERENCES_DRIFT, OWN_DRIFT, Drift, Owner, owner_of, simulate

RNG = np.random.default_rng(5)


def sessions(*offsets: float, actions: int = 2_000) -> list[np.ndarray]:
    return [RNG.normal(size=actions) + offset for offset in offsets]


def test_drift_lies_between_what_people_do_and_what_was_seen() -> None:
    told = owner_of(sessions(-0.8, 0.7, 0.9, -0.9), active_s=4 * 3600.0)
    assert OWN_DRIFT.scale < told.drift.scale < 0.85
    assert told.actions_per_h == pytest.approx(2_000.0)
    calm = owner_of(sessions(0.0, 0.0, 0.0, 0.0), active_s=4 * 3600.0)
    assert 0.8 * OWN_DRIFT.scale < calm.drift.scale < OWN_DRIFT.scale
    with_cohort = owner_of(sessions(0.0, 0.0), 3600.0, ["forest", "window"]).drift
    assert OWN_DRIFT.scale < with_cohort.scale < COHORT_DRIFT.scale


def test_actions_that_depend_count_less() -> None:
    assert owner_of(sessions(0.0, 0.0), 3600.0).inflation < 1.6
    assert owner_of([np.repeat(RNG.normal(size=400), 5)] * 3, 3600.0).inflation > 3.0


def test_an_enrolment_cut_into_minutes_still_drifts_by_sessions_of_an_hour() -> None:
    told = owner_of(sessions(0.0, 0.0, 0.0, 0.0, actions=50), active_s=600.0)
    assert told.session_actions == 1_200


def test_sessions_are_moved_as_the_distribution_says_also_where_nobody_was_seen_yet() -> None:
    owner = Owner((np.zeros(300), np.zeros(200)), Drift(0.2, 3.0), 100, 100.0, 5.0, 1.0)
    streams = simulate(owner, steps=1_000, streams=50, seed=1)
    assert streams.shape == (1_000, 50)
    drifts = streams.reshape(10, 100, 50)
    assert (np.ptp(drifts, axis=1) == 0.0).all()
    drifts = drifts[:, 0].ravel()
    # Quartiles of Student's t with 3 degrees of freedom, in scales: 0.765.
    assert np.quantile(drifts, [0.25, 0.75]) == pytest.approx([-0.153, 0.153], abs=0.003)
    # Of 500 sessions the farthest quantile is that at a share of 1 in 1,000: 10.21 scales.
    assert np.abs(drifts).max() == pytest.approx(2.04, abs=0.02)


def test_the_tail_is_that_of_the_detectors() -> None:
    drifts = [
        owner_of(sessions(0.0, 0.0), 3600.0, names).drift
        for names in (["differences"], ["knn", "differences"])
    ]
    assert [drift.degrees for drift in drifts] == [DIFFERENCES_DRIFT.degrees, OWN_DRIFT.degrees]
    assert drifts[0].scale > drifts[1].scale


def test_what_goes_up_and_down_within_a_session_stays() -> None:
    wave = np.repeat([-1.0, 1.0], 200)
    owner = owner_of([wave, wave], active_s=3600.0)
    streams = simulate(owner, steps=2_000, streams=10, seed=2)
    steps = np.diff(streams.astype(np.float64), axis=0) ** 2
    assert np.mean(steps > 1.0) == pytest.approx(1 / 200, rel=0.3)


def test_a_stream_shorter_than_a_session() -> None:
    owner = owner_of(sessions(0.1, -0.1), active_s=3600.0)
    assert simulate(owner, steps=10, streams=3, seed=0).shape == (10, 3)
