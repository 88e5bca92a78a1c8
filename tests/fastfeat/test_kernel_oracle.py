"""The kernel equals the oracle within 1e-9, on any input."""

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import _fastfeat
from _fastfeat import FEATURES, reference
from tests.fastfeat.scripts import Events, assert_close, event_streams, work


@settings(max_examples=160, deadline=None, derandomize=True)
@given(event_streams(), st.sampled_from([8, 12, 4096]), st.booleans())
def test_any_stream(events: Events, max_points: int, frequency: bool) -> None:
    kernel = _fastfeat.extract(*events, max_points=max_points, frequency=frequency)
    assert_close(kernel, reference.extract(*events, max_points=max_points, frequency=frequency))


@pytest.mark.parametrize(("seed", "interval_ms"), [(1, 1.0), (2, 8.0), (3, 16.0), (4, 110.0), (5, 0.125)])
def test_human_like_work_at_many_report_rates(seed: int, interval_ms: float) -> None:
    events = work(seed, 60, interval_ms)
    kernel = _fastfeat.extract(*events, frequency=True)
    assert {1, 2, 3, 4} <= set(kernel.kind.tolist())
    assert_close(kernel, reference.extract(*events, frequency=True))


def test_every_feature_is_defined_and_varies_on_ordinary_work() -> None:
    rows = _fastfeat.extract(*work(7, 400, 8.0), frequency=True).features
    constant = {
        "button",
        "scroll_horizontal_share",
        "fraction_step_share",
        "diagonal_share",
        "same_time_share",
    }
    for name, values in zip(FEATURES, rows.T, strict=True):
        defined = values[~np.isnan(values)]
        assert len(defined) > 0, name
        if name not in constant | {"double_clicks", "double_click_s"}:
            assert np.unique(defined).size > 1, name


def test_kernel_and_oracle_take_the_same_arguments() -> None:
    assert inspect.signature(_fastfeat.extract) == inspect.signature(reference.extract)
