"""Window features: the same whatever the split, and exactly those of the oracle."""

from __future__ import annotations

import inspect
import math
import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import _fastfeat
from _fastfeat import (
    FEATURES,
    WINDOW_FEATURES,
    WINDOW_SCHEMA,
    ActionRows,
    WindowFeatures,
    WindowRows,
    extract,
    extract_windows,
    reference_windows,
)
from _fastfeat.windows import sector
from tests.fastfeat.scripts import work

VALUES = st.one_of(
    st.floats(-1e6, 1e6),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0.0, -0.0, 1.0, 0.1, math.nan, 2.0**128, -(2.0**127), 2.0**-128, 5e-324, 1e300]),
)


@st.composite
def action_tables(draw: st.DrawFn) -> ActionRows:
    """Rows as they can be, and as they never should: any values, any times."""
    count = draw(st.integers(0, 12))
    rows = ActionRows.empty(count)
    pool = draw(st.lists(VALUES, min_size=1, max_size=40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    rows.features[:] = rng.choice(np.array(pool), (count, len(FEATURES)))
    for name, lowest, highest in (("kind", 1, 4), ("start_ns", -(10**12), 10**15), ("end_ns", 0, 10**15)):
        getattr(rows, name)[:] = rng.integers(lowest, highest, count, endpoint=True)
    rows.points[:] = 4
    return rows


def assert_same_windows(one: WindowRows, other: WindowRows) -> None:
    for name in WindowRows.__slots__:
        left, right = getattr(one, name), getattr(other, name)
        np.testing.assert_array_equal(left, right, name)
        assert left.dtype == right.dtype


def column(rows: WindowRows, name: str) -> np.ndarray:
    return rows.features[:, WINDOW_FEATURES.index(name)]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(action_tables(), st.integers(1, 8), st.lists(st.integers(0, 12), max_size=4))
def test_any_rows_in_any_portions_equal_the_oracle(rows: ActionRows, size: int, cuts: list[int]) -> None:
    whole = extract_windows(rows, size)
    assert_same_windows(whole, reference_windows.extract_windows(rows, size))
    windows = WindowFeatures(size)
    edges = [0, *sorted(min(c, len(rows)) for c in cuts), len(rows)]
    parts = [windows.push(rows[a:b]) for a, b in pairwise(edges)]
    joined = (np.concatenate([getattr(p, name) for p in parts]) for name in WindowRows.__slots__)
    assert [a.tobytes() for a in joined] == [getattr(whole, n).tobytes() for n in WindowRows.__slots__]


@pytest.mark.parametrize("size", [1, 7, 60])
def test_work_equals_the_oracle(size: int) -> None:
    rows = extract(*work(21, 70))
    assert_same_windows(extract_windows(rows, size), reference_windows.extract_windows(rows, size))


def test_a_long_stream_gathers_no_error() -> None:
    rows = extract(*work(22, 150))
    windows = WindowFeatures(20)
    huge = ActionRows(*(getattr(rows[:1], name).copy() for name in ActionRows.__slots__))
    huge.features[:] = 1e30
    for _ in range(40):
        windows.push(huge)
    late = windows.push(rows)
    np.testing.assert_array_equal(late.features[20:], extract_windows(rows, 20).features[20:])


def test_statistics_are_those_of_numpy() -> None:
    rows = extract(*work(23, 200))
    found = extract_windows(rows, 50)
    for name in ("duration_s", "path_px", "hold_s", "curv_abs_median_rad_px"):
        last = rows.features[-50:, FEATURES.index(name)]
        for form, value in (
            ("mean", np.nanmean(last)),
            ("sd", np.nanstd(last)),
            ("q10", np.nanquantile(last, 0.1)),
            ("q50", np.nanmedian(last)),
            ("q90", np.nanquantile(last, 0.9)),
        ):
            assert column(found, f"{form}_of_{name}")[-1] == pytest.approx(value, rel=1e-12), name


def test_shares_and_rhythm_by_hand() -> None:
    rows = ActionRows.empty(4)
    rows.features[:] = math.nan
    told = {
        "duration_s": (0.2, 0.5, 1.0, 1.0),
        "path_px": (40.0, 400.0, 1000.0, math.nan),
        "pace_px_s": (200.0, 800.0, 1000.0, math.nan),
        "direction_sin": (0.0, 1.0, -1.0, math.nan),
        "direction_cos": (1.0, 0.0, 0.0, math.nan),
        "clicks": (0.0, 2.0, 1.0, 0.0),
        "double_clicks": (0.0, 1.0, 0.0, 0.0),
        "button": (math.nan, 1.0, 3.0, math.nan),
        "since_action_s": (math.nan, 1.0, 1.0, 4.0),
    }
    for name, values in told.items():
        rows.features[:, FEATURES.index(name)] = values
    rows.kind[:] = (1, 3, 4, 2)
    rows.start_ns[:] = np.array([0, 2, 4, 90]) * 1_000_000_000
    rows.end_ns[:] = np.array([1, 3, 5, 91]) * 1_000_000_000
    rows.points[:] = 9
    found = extract_windows(rows, 3)
    last = dict(zip(WINDOW_FEATURES, found.features[-1].tolist(), strict=True))
    expected = {
        "actions": 3,
        "span_s": 89,
        "action_rate_hz": 2 / 88,
        "active_share": 2.5 / 89,
        "click_rate_hz": 3 / 89,
        "double_click_share": 1 / 3,
        "other_button_share": 0.5,
        "kind_change_share": 1.0,
        "burstiness": (math.sqrt(2) - 2) / (math.sqrt(2) + 2),
        "kind_entropy": math.log(3) / math.log(4),
        "sector_entropy": math.log(2) / math.log(8),
        "kind_mm_share": 0,
        "kind_scroll_share": 1 / 3,
        "kind_dd_pace_px_s": 1000,
        "sector_2_share": 0.5,
        "sector_6_pace_px_s": 1000,
        "path_400_to_1000_share": 0.5,
        "path_from_1000_share": 0.5,
        "time_0p5_to_1_pace_px_s": 800,
        "time_1_to_2_share": 2 / 3,
        "q50_of_cycle_s": 2,
        "mean_of_cycle_s": 64 / 3,
    }
    assert {name: last[name] for name in expected} == pytest.approx(expected)
    assert math.isnan(last["kind_mm_pace_px_s"])
    assert found.start_ns.tolist() == [0, 0, 0, 2_000_000_000]
    assert found.end_ns.tolist() == rows.end_ns.tolist()


@pytest.mark.parametrize("degrees", range(0, 360, 5))
def test_sectors(degrees: int) -> None:
    turn = math.radians(degrees + 1)
    assert sector(math.sin(turn), math.cos(turn)) == degrees // 45


def test_a_restart_forgets() -> None:
    rows = extract(*work(24, 40))
    windows = WindowFeatures(9)
    windows.push(rows[:15])
    windows.restart()
    assert_same_windows(windows.push(rows[15:]), extract_windows(rows[15:], 9))


def test_bad_arguments_are_named_and_change_nothing() -> None:
    for size in (0, -1, 65_537):
        with pytest.raises(ValueError, match=rf"^size: {size} "):
            WindowFeatures(size)
    rows = extract(*work(25, 20))
    kinds = rows.kind.copy()
    kinds[3] = 7
    windows = WindowFeatures(5)
    with pytest.raises(ValueError, match=r"^kind\[3\]: 7 "):
        windows.push(ActionRows(rows.features, kinds, rows.start_ns, rows.end_ns, rows.points))
    assert_same_windows(windows.push(rows), extract_windows(rows, 5))


def test_schema_of_windows() -> None:
    assert len(set(WINDOW_FEATURES)) == len(WINDOW_FEATURES)
    assert not set(WINDOW_FEATURES) & set(FEATURES)
    for f in WINDOW_SCHEMA:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", f.name)
        assert f.definition
        assert f.source
        assert f.undefined
        if f.unit != "1" and not f.name.endswith("_of_cycle_s"):
            assert f.name.endswith("_" + f.unit.lower().replace("/", "_")), f.name


def test_every_window_feature_is_defined_and_varies_on_ordinary_work() -> None:
    rows = extract(*work(26, 400))
    rows.features[::3, FEATURES.index("path_px")] *= 0.05
    for name in ("path_px", "duration_s"):
        rows.features[1::5, FEATURES.index(name)] *= 10
    features = extract_windows(rows, 40).features
    constant = {"other_button_share", "q10_of_click_slip_px", "q50_of_click_slip_px"}
    for name, values in zip(WINDOW_FEATURES, features.T, strict=True):
        defined = values[~np.isnan(values)]
        assert len(defined) > 0 or name.endswith("double_click_s"), name
        if name not in constant and len(defined):
            assert np.unique(defined).size > 1, name


def test_oracle_takes_the_same_arguments() -> None:
    ours, oracle = _fastfeat.extract_windows, reference_windows.extract_windows
    assert inspect.signature(ours) == inspect.signature(oracle)
