"""When an enrolment may end: by its counts, and by what was reckoned of the data."""

from __future__ import annotations

import pytest

from agent.config import schema as settings
from agent.engine.sufficiency import Sufficiency
from agent.runtime.learning.sufficiency_meter import LEAST_WEIGHED, SufficiencyMeter

WANTED = settings.EnrolmentSettings(actions=1000, sessions=2)


def told(*, enough: bool, enough_hours: float | None = 3.0) -> Sufficiency:
    return Sufficiency(1.0, 0.3, 0.4, 0.2, 0.22, enough, enough_hours, measured_strangers=False)


def test_counts_are_needed_whatever_the_data_say() -> None:
    meter = SufficiencyMeter(WANTED)
    meter.set_estimate(told(enough=True))
    assert meter.share(500, 3, 1.0) == 0.5
    assert meter.share(2000, 1, 1.0) == 0.5
    assert meter.share(1000, 2, 1.0) == 1.0


@pytest.mark.parametrize(
    ("weighed", "share"),
    [
        ((), 0.25),
        ((told(enough=False),), pytest.approx(1 / 3)),
        ((told(enough=False, enough_hours=None),), 0.25),
    ],
    ids=["not weighed yet", "hours known", "too far off to say"],
)
def test_it_goes_on_until_the_data_suffice(weighed: tuple[Sufficiency, ...], share: object) -> None:
    meter = SufficiencyMeter(WANTED)
    for one in weighed:
        meter.set_estimate(one)
    assert meter.share(1000, 2, 1.0) == share
    meter.set_estimate(told(enough=True))
    assert meter.share(1000, 2, 1.0) == 1.0


def test_hours_that_are_reached_are_not_yet_enough_data() -> None:
    meter = SufficiencyMeter(WANTED)
    meter.set_estimate(told(enough=False, enough_hours=1.0))
    assert meter.share(1000, 2, 5.0) == 0.99


def test_four_times_the_actions_end_it_and_so_does_a_reckoning_that_fails() -> None:
    meter = SufficiencyMeter(WANTED)
    meter.set_estimate(told(enough=False))
    assert meter.share(3999, 2, 1.0) < 1.0
    assert meter.share(4000, 2, 1.0) == 1.0
    meter.set_estimate(None)
    assert meter.share(1000, 2, 1.0) == 1.0
    assert meter.sufficiency == told(enough=False), "what was known is still told"


def test_policy_may_go_by_counts_alone() -> None:
    meter = SufficiencyMeter(settings.EnrolmentSettings(actions=1000, sessions=2, until="counts"))
    assert meter.share(1000, 2, 1.0) == 1.0


def test_it_is_weighed_at_first_and_with_every_fourth_more() -> None:
    meter = SufficiencyMeter(WANTED)
    asked = [n for n in range(1000) if meter.is_due(n)]
    assert asked == [LEAST_WEIGHED, 375, 469, 587, 734, 918]
