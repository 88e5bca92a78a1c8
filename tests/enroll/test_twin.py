"""Metrics and limits held against their twin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.engine.calibration import Likelihood
from enroll import metrics
from enroll.excursions import highest_statistic
from tests import twin

scores = st.lists(st.integers(-4, 4), min_size=1, max_size=14).map(lambda v: np.array(v, float))


@settings(max_examples=150, deadline=None)
@given(scores, scores, st.integers(-5, 5))
def test_rates_curve_and_area(bad: np.ndarray, good: np.ndarray, threshold: int) -> None:
    assert metrics.far(bad, threshold) == pytest.approx(twin.far(bad.tolist(), threshold))
    assert metrics.frr(good, threshold) == pytest.approx(twin.frr(good.tolist(), threshold))
    assert metrics.auc(bad, good) == pytest.approx(twin.auc(bad.tolist(), good.tolist()))
    curve = metrics.error_curve(bad, good)
    assert curve.far.tolist() == pytest.approx([twin.far(bad.tolist(), t) for t in curve.thresholds])
    assert curve.frr.tolist() == pytest.approx([twin.frr(good.tolist(), t) for t in curve.thresholds])
    assert curve.thresholds[:-1].tolist() == sorted({*bad.tolist(), *good.tolist()})
    assert curve.thresholds[-1] == np.nextafter(curve.thresholds[-2], np.inf)


@settings(max_examples=150, deadline=None)
@given(scores, scores, st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0]))
def test_frr_where_far_is_at_most_so_much(bad: np.ndarray, good: np.ndarray, most: float) -> None:
    assert metrics.frr_at_far(bad, good, most) == pytest.approx(
        twin.frr_at_far(bad.tolist(), good.tolist(), most)
    )


def test_a_far_reached_exactly_is_taken_and_the_range_of_the_bound_is_checked() -> None:
    bad, good = np.array([0.0, 1.0, 2.0, 3.0]), np.array([0.5, 1.5, 2.5, 3.5])
    # FAR is 0.5 at 1.5 and at 2: at 1.5 one of four is below, at 2 two are.
    assert metrics.frr_at_far(bad, good, 0.5) == 0.25
    assert metrics.frr_at_far(bad, good, 1.0) == 0.0
    for most in (-0.01, 1.01):
        with pytest.raises(ValueError, match=f"most_far {most} is not between 0 and 1"):
            metrics.frr_at_far(bad, good, most)


@pytest.mark.parametrize("name", ["impostor", "genuine"])
def test_what_are_no_scores_is_named(name: str) -> None:
    fine, empty = np.ones(2), np.empty(0)
    sets = {"impostor": fine, "genuine": fine, name: empty}
    for figure in (metrics.auc, metrics.eer, metrics.error_curve):
        with pytest.raises(ValueError, match=rf"^{name}: shape \(0,\), not \(n,\) with n above 0$"):
            figure(sets["impostor"], sets["genuine"])
    rate = metrics.far if name == "impostor" else metrics.frr
    with pytest.raises(ValueError, match=f"^{name}: a score is not finite$"):
        rate(np.array([1.0, np.inf]), 0.0)
    with pytest.raises(ValueError, match=r"^llrs: shape \(0,\)"):
        metrics.llr_cost(empty, genuine=name == "genuine")


@given(st.lists(st.floats(-20, 20), min_size=1, max_size=9), st.booleans())
def test_cost_of_evidence(llrs: list[float], genuine: bool) -> None:
    expected = twin.cllr_bits(llrs, genuine=genuine)
    assert metrics.llr_cost(np.array(llrs), genuine=genuine) == pytest.approx(expected)


@pytest.mark.parametrize("events", [1, 2, 7, 40, 300])
def test_the_poisson_bound(events: int) -> None:
    for exposure in (0.5, 1.0, 40.0):
        bound = metrics.rate_bound(events, exposure)
        assert bound == pytest.approx(twin.poisson_bound(events, exposure), rel=1e-9)
    assert metrics.rate_bound(0, 4.0) == 0.75
    for wrong in ((-1, 1.0), (1, 0.0), (1, -2.0)):
        with pytest.raises(ValueError, match="events in an exposure of"):
            metrics.rate_bound(*wrong)


def test_the_interval_resamples_accounts_and_is_of_95_percent() -> None:
    # Accounts differ, and sessions within one hardly do: resampling sessions alone would give nearly no width.
    rng = np.random.default_rng(2)
    scored = {
        f"u{i}": (rng.normal(0, 0.05, 6), shift + rng.normal(0, 0.05, 6))
        for i, shift in enumerate((-0.3, 0.0, 0.02, 0.3, 0.5, 0.05))
    }
    interval = metrics.bootstrap_interval(scored, metrics.auc, draws=1500)
    low, high = twin.account_intervals(scored, 1500)
    assert high - low > 0.4
    # The standard error of such a quantile of 1500 draws is some 0.01; an interval of 90 % is narrower by 0.05.
    assert interval.low == pytest.approx(low, abs=0.02)
    assert interval.high == pytest.approx(high, abs=0.02)
    ends = metrics.bootstrap_interval(
        {"a": (np.arange(2.0), np.arange(2.0))}, lambda b, g: g.mean(), draws=4000
    )
    assert (ends.low, ends.high) == (0.0, 1.0)


def test_the_ends_are_the_quantiles_of_the_draws() -> None:
    scored = {"a": (np.arange(40.0), np.arange(40.0)), "b": (np.arange(9.0), np.arange(5.0))}

    def means(bad: np.ndarray, good: np.ndarray) -> float:
        return float(bad.mean() - good.mean())

    drawn = [means(*draw) for draw in metrics.bootstrap_draws(scored, draws=400, seed=3)]
    interval = metrics.bootstrap_interval(scored, means, draws=400, seed=3)
    assert (interval.low, interval.high) == pytest.approx(tuple(np.quantile(drawn, (0.025, 0.975))))
    assert len(set(drawn)) > 300
    assert drawn != [means(*draw) for draw in metrics.bootstrap_draws(scored, draws=400, seed=4)]
    usual = metrics.bootstrap_interval(scored, means)
    fixed = metrics.bootstrap_interval(scored, means, draws=2_000, seed=20_240_607)
    assert usual == fixed
    with pytest.raises(ValueError, match=r"^no accounts$"):
        metrics.bootstrap_interval({}, means)
    with pytest.raises(ValueError, match=r"^no draw has both impostor and genuine sessions$"):
        metrics.bootstrap_interval({"a": (np.empty(0), np.ones(3))}, means, draws=5)


@given(st.lists(st.lists(st.floats(-9, 9), max_size=40), min_size=1, max_size=6), st.floats(0.1, 2.0))
def test_the_highest_statistic_is_the_limit_at_which_the_twin_first_locks(
    sessions: list[list[float]], share: float
) -> None:
    for session in sessions:
        highest = highest_statistic(np.array(session), Likelihood(1.8, share))
        for limit, locks in ((highest - 1e-7, highest > 1e-6), (highest + 1e-7, False)):
            test, reached = twin.Test(1.8, share, 1e9, max(limit, 1e-12)), [False]
            for deviate in session:
                test.step(deviate)
                reached.append(test.statistic >= test.lock)
            assert any(reached) is locks
