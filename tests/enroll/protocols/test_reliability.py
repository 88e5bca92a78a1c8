"""The reliability of stated posteriors against figures by hand and against drawn alarms."""

from __future__ import annotations

import numpy as np
import pytest

from enroll.protocols.reliability import LockCounts, reliability


def test_by_hand() -> None:
    """100 false locks in 4,000 h are 1 per 40 h, as asked; three of four intrusions lock: 0.75 of what is stated."""
    (found,) = reliability({1.0: LockCounts(100, 4000.0, 75, 100)}, 0.5)
    assert found["stated"] == pytest.approx(0.0199, abs=1e-4)
    # odds 0.75 * 0.0005 / 0.02469 = 0.01519
    assert found["observed"] == pytest.approx(0.01519 / 1.01519, rel=5e-3)
    low, high = found["observed_ci95"]
    # Garwood: 81.4 to 121.6 events; Clopper-Pearson: 0.653 to 0.831.
    assert low == pytest.approx(0.653 * 0.0005 / (0.653 * 0.0005 + 0.02994), rel=0.01)
    assert high == pytest.approx(0.831 * 0.0005 / (0.831 * 0.0005 + 0.02014), rel=0.01)


@pytest.mark.parametrize("counts", [LockCounts(19, 4000.0, 75, 100), LockCounts(100, 4000.0, 19, 100)])
def test_under_twenty_events_there_is_no_figure(counts: LockCounts) -> None:
    (found,) = reliability({1.0: counts})
    assert (found["observed"], found["observed_ci95"]) == (None, None)
    assert found["stated"] is not None


def test_the_interval_holds_what_is_true() -> None:
    rng = np.random.default_rng(7)
    inside = 0
    for _ in range(200):
        counts = LockCounts(int(rng.poisson(50.0)), 2000.0, int(rng.binomial(200, 0.8)), 200)
        (found,) = reliability({1.0: counts}, 0.5)
        truth = 0.8 * 0.00049988 / (0.8 * 0.00049988 + (1 - np.exp(-0.025)) * (1 - 0.00049988))
        low, high = found["observed_ci95"]
        inside += low <= truth <= high
    assert inside >= 190


def test_all_intrusions_caught_has_an_upper_end() -> None:
    (found,) = reliability({5.0: LockCounts(30, 240.0, 40, 40)}, 0.5)
    assert found["observed_ci95"][0] < found["observed"] < found["observed_ci95"][1]
