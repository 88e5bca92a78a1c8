"""The owner model: fitted between what was seen and what people do."""

from __future__ import annotations

import numpy as np
import pytest

from enroll.owner import COHORT_DAYS, DIFFERENCES_DAYS, OWN_DAYS, days_by, owner_of

RNG = np.random.default_rng(5)


def sessions(*offsets: float, actions: int = 2_000) -> list[np.ndarray]:
    return [RNG.normal(size=actions) + offset for offset in offsets]


def test_drift_lies_between_what_people_do_and_what_was_seen() -> None:
    owner = owner_of(sessions(-0.8, 0.7, 0.9, -0.9), active_s=4 * 3600.0)
    assert OWN_DAYS.drift < owner.drift < 0.85
    assert owner.hours == 4.0
    calm = owner_of(sessions(0.0, 0.0, 0.0, 0.0), active_s=4 * 3600.0)
    assert 0.8 * OWN_DAYS.drift < calm.drift < OWN_DAYS.drift
    with_cohort = owner_of(sessions(0.0, 0.0), 3600.0, ["forest", "window"]).drift
    assert OWN_DAYS.drift < with_cohort < COHORT_DAYS.drift


def test_inflation_is_drawn_to_that_of_all_people() -> None:
    # 80 blocks of independent actions (1 each) weigh as much as all people.
    independent = owner_of(sessions(0.0, 0.0), 3600.0).inflation
    assert independent == pytest.approx((OWN_DAYS.inflation + 1.0) / 2.0, rel=0.1)
    # Blocks of 50 equal actions, one up and one down.
    dependent = owner_of([np.tile(np.repeat([1.0, -1.0], 50), 20)] * 2, 3600.0).inflation
    assert dependent == pytest.approx((OWN_DAYS.inflation + 50.0) / 2.0)
    # A short enrolment shows nothing of it.
    assert owner_of([RNG.normal(size=40)], 60.0).inflation == OWN_DAYS.inflation


def test_the_days_are_those_of_the_detectors() -> None:
    assert days_by(["differences"]) is DIFFERENCES_DAYS
    assert days_by(["knn", "differences"]) is OWN_DAYS
    assert days_by(["plda", "window"]) is COHORT_DAYS
    assert days_by([]) is OWN_DAYS
    assert owner_of(sessions(0.0, 0.0), 3600.0, ["differences"]).pooled is DIFFERENCES_DAYS
