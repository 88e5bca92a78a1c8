"""What drills add up to: number, exact interval, median; drills that say nothing are left out and named."""

from __future__ import annotations

import pytest
from scipy.stats import beta

from agent.files.drill_log import DrillOutcome
from agent.runtime.status.drill_report import LEAST_ACTIONS, DrillReport, exact_interval


def drill(found_s: float | None, actions: int) -> DrillOutcome:
    return DrillOutcome(1, 300.0, actions, found_s, None if found_s is None else actions)


@pytest.mark.parametrize(
    ("successes", "trials"), [(0, 1), (1, 1), (0, 5), (3, 4), (4, 4), (7, 19), (50, 120)]
)
def test_the_interval_is_that_of_clopper_and_pearson(successes: int, trials: int) -> None:
    low, high = exact_interval(successes, trials)
    expected_low = beta.ppf(0.025, successes, trials - successes + 1) if successes else 0.0
    expected_high = beta.ppf(0.975, successes + 1, trials - successes) if successes < trials else 1.0
    assert (low, high) == pytest.approx((expected_low, expected_high), abs=1e-9)


def test_without_drills_nothing_is_known() -> None:
    report = DrillReport.of(())
    assert (report.drills, report.share_low, report.share_high, report.median_s) == (0, 0.0, 1.0, None)
    assert report.lines() == ("no drill yet counts: steadyhand drill",)


def test_drills_add_up() -> None:
    report = DrillReport.of([drill(20.0, 15), drill(40.0, 35), drill(60.0, 55), drill(None, 200)])
    assert (report.drills, report.noticed, report.not_counted) == (4, 3, 0)
    assert (report.median_s, report.median_actions) == (40.0, 35)
    share, median = report.lines()
    assert share == "found in 3 of 4 drills on this computer: 75% (95 % interval 19% to 99%)"
    assert median == "found after 40 s and 35 actions in the median"
    assert report.to_json()["noticed"] == 3


def test_a_drill_without_actions_is_no_miss() -> None:
    report = DrillReport.of([drill(None, LEAST_ACTIONS - 1), drill(None, LEAST_ACTIONS), drill(5.0, 8)])
    assert (report.drills, report.noticed, report.not_counted) == (2, 1, 1)
    assert "not counted, with fewer than 30 judged actions: 1 drill" in report.lines()[-1]
