"""Values worked out by hand, and how they change when the movement does."""

import math
from itertools import pairwise

import numpy as np
import pytest

from _fastfeat import FEATURES, SCHEMA, extract
from tests.fastfeat.scripts import MOVE, MS, PRESS, RELEASE, Events, pack, work


def measured(events: Events, row: int = 0) -> dict[str, float]:
    return dict(zip(FEATURES, extract(*events).features[row].tolist(), strict=True))


@pytest.fixture
def corner() -> dict[str, float]:
    """10 px right in 0.1 s, 10 px right in 0.1 s, rest of 0.3 s, 10 px down in 0.1 s, 10 px left in 0.2 s."""
    path = [(0, 0, 0), (100, 10, 0), (200, 20, 0), (500, 20, 0), (600, 20, 10), (800, 10, 10)]
    return measured(pack([(t * MS, float(x), float(y), MOVE, 0) for t, x, y in path]))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("duration_s", 0.8),
        ("points", 6),
        ("path_px", 40),
        ("chord_px", math.sqrt(200)),
        ("straightness", math.sqrt(200) / 40),
        ("direction_sin", math.sqrt(0.5)),
        ("direction_cos", math.sqrt(0.5)),
        ("x_travel_px", 30),
        ("y_travel_px", 10),
        ("x_travel_share", 0.75),
        ("width_px", 20),
        ("height_px", 10),
        ("moving_s", 0.5),
        ("still_share", 0.375),
        ("pauses", 1),
        ("pauses_total_s", 0.4),
        ("pause_longest_s", 0.4),
        ("pause_share", 0.5),
        ("turn_sum_rad", math.pi),
        ("turn_max_rad", math.pi / 2),
        ("turn_mean_rad", math.pi / 3),
        ("bend_min_rad", math.pi / 2),
        ("bow_max", 0.5),
        ("curv_max_rad_px", math.pi / 20),
        ("critical_points", 1),
        ("inflections", 0),
        ("x_flips", 1),
        ("y_flips", 0),
        ("area_px2", 150),
        ("dev_max_px", math.sqrt(200)),
        ("dev_right_px", math.sqrt(200)),
        ("dev_left_px", 0),
        ("overshoot_px", math.sqrt(450) - math.sqrt(200)),
        ("backtrack_px", 0),
        ("v_max_px_s", 100),
        ("v_mean_px_s", 70),
        ("v_median_px_s", 100),
        ("v_last_px_s", 50),
        ("pace_px_s", 50),
        ("peak_time_s", 0.05),
        ("accel_time_s", 0.1),
        ("half_path_share", 0.25),
        ("a_max_px_s2", 500),
        ("a_min_px_s2", -500),
        ("omega_max_rad_s", math.pi / 2 / 0.15),
        ("submovements", 2),
        ("submovement_first_share", 0.5),
        ("submovement_peak_ratio", 1),
        ("interval_median_s", 0.1),
        ("step_quantum_px", 10),
        ("axis_parallel_share", 1),
        ("even_step_share", 1),
    ],
)
def test_a_corner(corner: dict[str, float], name: str, expected: float) -> None:
    assert corner[name] == pytest.approx(expected, abs=1e-12)


def test_a_loop_crosses_itself_once() -> None:
    loop = [(0, 0), (30, 0), (30, 20), (10, 20), (10, -20)]
    found = measured(pack([(i * 10 * MS, float(x), float(y), MOVE, 0) for i, (x, y) in enumerate(loop)]))
    assert found["self_crossings"] == 1


def test_a_click_with_a_slip() -> None:
    rows = [(i * 10 * MS, 3.0 * i, 4.0 * i, MOVE, 0) for i in range(40)]
    rows += [(500 * MS, 117.0, 156.0, PRESS, 1), (590 * MS, 120.0, 160.0, RELEASE, 1)]
    found = measured(pack(rows))
    assert found["hold_s"] == pytest.approx(0.09)
    assert found["press_pause_s"] == pytest.approx(0.11)
    assert found["click_slip_px"] == 5
    assert found["press_path_px"] == 5
    assert found["press_speed_px_s"] == pytest.approx(15 * 5 / 0.25)
    assert found["drag_lag_s"] == pytest.approx(0.09)
    assert found["drag_settle_s"] == 0


def test_at_rest_everything_that_needs_a_step_is_nan() -> None:
    rows = [(0, 1.0, 1.0, MOVE, 0), (9 * MS, 1.0, 1.0, PRESS, 1)]
    rows += [(30 * MS, 1.0, 1.0, PRESS, 3), (40 * MS, 1.0, 1.0, RELEASE, 1)]
    found = measured(pack(rows))
    assert found["path_px"] == 0
    assert found["v_max_px_s"] == 0
    for name in ("straightness", "direction_sin", "step_mean_px", "turn_mean_rad", "v_lag1", "submovements"):
        assert math.isnan(found[name]), name


def test_equal_times_give_no_infinite_speed() -> None:
    rows = [(t * MS, float(i * i), float(i), MOVE, 0) for i, t in enumerate([0, 0, 0, 16, 16, 32, 32, 48])]
    found = measured(pack(rows))
    assert found["interval_min_s"] == 0.016
    assert found["v_max_px_s"] < 49 / 0.016
    assert found["same_time_share"] == 0.5
    at_once = measured(pack([(5, float(i), 0.0, MOVE, 0) for i in range(6)]))
    assert at_once["path_px"] == 5
    assert math.isnan(at_once["v_mean_px_s"])
    assert not any(math.isinf(v) for v in at_once.values())


def test_mirrored_movement_mirrors_only_signs() -> None:
    t, x, y, kind, button = work(31, 30)
    one, two = extract(t, x, y, kind, button).features, extract(t, -x, y, kind, button).features
    for i, feature in enumerate(SCHEMA):
        if feature.group == "temporal" or feature.name in ("path_px", "v_mean_px_s", "turn_abs_sum_rad"):
            np.testing.assert_array_equal(one[:, i], two[:, i], feature.name)
    np.testing.assert_allclose(
        one[:, FEATURES.index("direction_cos")], -two[:, FEATURES.index("direction_cos")]
    )


def test_features_never_look_ahead() -> None:
    events = work(32, 60)
    whole = extract(*events)
    for stop in range(10, len(events[0]), 37):
        early = extract(*(a[:stop] for a in events))
        known = int((whole.end_ns < events[0][stop - 1]).sum()) - 1
        if known > 0:
            assert early.features[:known].tobytes() == whole.features[:known].tobytes()


@pytest.mark.parametrize("hz", [2, 5, 11])
@pytest.mark.parametrize("interval_ms", [7, 16])
def test_a_speed_that_swings_has_its_frequency(hz: int, interval_ms: int) -> None:
    rng = np.random.default_rng(hz)
    t = np.cumsum(rng.integers(interval_ms - 3, interval_ms + 4, 200)) * MS
    middle = t - np.diff(t, prepend=0) // 2
    speed = 1000 + 600 * np.sin(2 * np.pi * hz * middle * 1e-9)
    x = np.cumsum(speed * np.diff(t, prepend=0) * 1e-9)
    zeros = np.zeros(len(t), np.uint8)
    found = extract(t, x, np.zeros(len(t)), zeros, zeros, frequency=True).features[0]
    assert found[FEATURES.index("ls_peak_hz")] == hz
    assert found[FEATURES.index("ls_peak_share")] > 0.8
    assert abs(found[FEATURES.index("ls_centroid_hz")] - hz) < 1


def test_frequency_features_only_when_asked_for() -> None:
    events = work(33, 30)
    without, with_them = extract(*events).features, extract(*events, frequency=True).features
    asked = np.array([f.group == "frequency" for f in SCHEMA])
    assert np.isnan(without[:, asked]).all()
    assert not np.isnan(with_them[:, asked]).all(axis=0).any()
    assert without[:, ~asked].tobytes() == with_them[:, ~asked].tobytes()


@pytest.mark.parametrize("times_ms", [(0, 251, 252, 253), (0, 3, 10, 11), (0, 7, 100, 103)])
def test_an_exact_reversal_is_a_half_turn_to_the_left(times_ms: tuple[int, ...]) -> None:
    places = [(0.0, 0.0), (-9.0, -1.0), (0.0, 0.0), (-9.0, -1.0)]
    events = pack([(t * MS, *place, MOVE, 0) for t, place in zip(times_ms, places, strict=True)])
    found = measured(events)
    assert found["turn_min_rad"] == pytest.approx(math.pi)
    assert found["omega_min_rad_s"] > 0


def test_jitter_of_a_path_whose_mean_hardly_moves() -> None:
    y = [0.0, 65534.0, 65534.0, 65534.0, -464.0, 1 / 1024]
    y += [65534.0 + 1 / 1024, 65534.0, 65534.0]
    found = measured(pack([(i * 8 * MS, float(i % 2), at, MOVE, 0) for i, at in enumerate(y)]))
    places = [complex(i % 2, at) for i, at in enumerate(y)]
    inner = sum(abs(b - a) for a, b in pairwise(places[2:-2]))
    smooth = sum(abs(b - a) / 5 for a, b in zip(places, places[5:], strict=False))
    assert found["jitter_ratio"] == pytest.approx(inner / smooth, rel=1e-13)
