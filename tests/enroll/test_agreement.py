"""A session that is somebody else's among an owner's."""

from __future__ import annotations

import numpy as np
import pytest

from agent.engine.mouse import MouseConfiguration
from enroll.agreement import DOUBTFUL_SD, departures, doubtful
from enroll.train import train
from tests.enroll.people import rows_of

MOUSE = MouseConfiguration("evdev", "usb", "046d", "c077")


def sessions(*means: float) -> list[np.ndarray]:
    rng = np.random.default_rng(3)
    return [mean + rng.standard_normal(4000) for mean in means]


def test_departures_are_counted_from_the_middle_session_downwards() -> None:
    assert departures(sessions(0.0, 0.1, 2.0)) == pytest.approx((0.1, 0.0, 0.0), abs=0.06)
    assert departures(sessions(0.0, -2.0, 0.1)) == pytest.approx((0.0, 2.0, 0.0), abs=0.06)


@pytest.mark.parametrize(
    ("means", "count"), [((0, 0.2, -0.5), 0), ((0, 0.2, -1.5), 1), ((0, -1.5), 0), ((0, 0, 0, -2, -2), 2)]
)
def test_a_session_far_below_the_others_is_doubtful(means: tuple[float, ...], count: int) -> None:
    assert doubtful(sessions(*means)) == count


def test_a_profile_says_how_its_sessions_agree() -> None:
    summary = train([rows_of(2, n, 80) for n in range(3)], "ada", MOUSE).summary
    assert len(summary["session_departures_sd"]) == 3
    assert summary["doubtful_sessions"] == sum(
        value >= DOUBTFUL_SD for value in summary["session_departures_sd"]
    )
