"""What leaves the computer of a judgement's reasons: neutral groups, and no feature by name."""

from __future__ import annotations

import numpy as np
import pytest

from _fastfeat import SCHEMA
from agent.engine.reasons import GROUPS, SIZES, group_line, reason_groups

FEATURES = ("jerk_mean_px_s3", "jitter_rms_px", "hold_s", "scroll_ticks_per_s", "pause_s", "v_max_px_s")


def test_each_group_says_how_much_its_most_departed_feature_departs() -> None:
    departed = [np.array([-1.6, 0.5, 0.9, 0.1, 0.0, 0.2], np.float32)] * 3
    assert reason_groups(FEATURES, departed) == (
        "speed differs very much from the owner's",
        "clicking differs much from the owner's",
        "path differs clearly from the owner's",
    )


def test_what_does_not_depart_is_no_reason() -> None:
    assert reason_groups(FEATURES, []) == ()
    assert reason_groups(FEATURES, [np.zeros(6, np.float32)]) == ()


@pytest.mark.parametrize("feature", [feature.name for feature in SCHEMA])
def test_no_feature_leaves_the_computer_by_its_name(feature: str) -> None:
    lines = {group_line(group, size) for group in GROUPS for size in SIZES}
    (line,) = reason_groups((feature,), [np.ones(1, np.float32)])
    assert line in lines
    if feature.startswith("scroll"):
        assert line.startswith("scrolling")
