"""Excursions: the tail of sessions' maxima, and limits read off it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from agent.engine.calibration import Likelihood
from enroll.excursions import LEAST_LIMIT, THRESHOLD, ExcursionTail, highest_statistic


def test_a_tail_is_fitted_and_gives_the_limit_that_is_reached_as_often_as_asked() -> None:
    rng = np.random.default_rng(4)
    maxima = rng.exponential(1.5, 4_000)
    tail = ExcursionTail.of(maxima, hours=8_000.0)
    assert tail.mean_excess == pytest.approx(1.5, rel=0.1)
    # 20 of 4,000 sessions in 8,000 hours are 0.1 per 40 h.
    assert np.sum(maxima > tail.limit(0.1)) == pytest.approx(20, abs=8)
    assert tail.limit(0.05) - tail.limit(0.1) == pytest.approx(tail.mean_excess * math.log(2.0))


def test_however_many_are_asked_some_evidence_is_wanted() -> None:
    tail = ExcursionTail(4.0, 2.0)
    assert tail.limit(4.0) == THRESHOLD
    assert tail.limit(1e6) == LEAST_LIMIT


def test_no_tail_without_excursions_or_hours() -> None:
    with pytest.raises(ValueError, match=r"0 maxima above 2\.0 in 5\.0 hours"):
        ExcursionTail.of(np.array([0.5, 2.0]), 5.0)
    with pytest.raises(ValueError, match=r"in 0\.0 hours"):
        ExcursionTail.of(np.array([3.0]), 0.0)


def test_the_highest_statistic_of_a_stream() -> None:
    likelihood = Likelihood(1.0, 1.0, most_deviate=3.0, highest_level=0.0)
    stream = np.array([-2.5, np.nan, -9.0, 3.0, 3.0, -1.0])
    level = -2.5 / 400
    second = 2.0 + (3.0 + level - 0.5)
    assert highest_statistic(stream, likelihood) == pytest.approx(second)
    assert highest_statistic(np.array([np.nan]), likelihood) == 0.0
