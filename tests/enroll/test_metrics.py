"""Error rates against hand-made cases and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score, roc_curve

from enroll import metrics

BAD = np.array([0.0, 1.0, 2.0, 3.0])
GOOD = np.array([2.0, 3.0, 4.0, 5.0])

scores = st.lists(st.integers(-5, 5), min_size=1, max_size=30).map(lambda v: np.array(v, float))


def test_rates_by_hand_accept_at_the_threshold() -> None:
    assert metrics.far(BAD, 2.0) == 0.5
    assert metrics.frr(GOOD, 2.0) == 0.0
    assert metrics.frr(GOOD, np.nextafter(2.0, 3.0)) == 0.25


def test_curve_begins_with_accept_all_and_ends_with_reject_all() -> None:
    curve = metrics.error_curve(BAD, GOOD)
    assert (curve.far[0], curve.frr[0]) == (1.0, 0.0)
    assert (curve.far[-1], curve.frr[-1]) == (0.0, 1.0)
    assert curve.thresholds[-1] > 5.0


def test_auc_by_hand_with_ties_counting_half() -> None:
    # Of 16 pairs two are ties and one is lost.
    assert metrics.auc(BAD, GOOD) == (13 + 2 * 0.5) / 16


def test_eer_lies_on_the_line_between_the_points_around_it() -> None:
    # Points (FAR, FRR): (0.5, 0) at 2 and (0.25, 0.25) at 3.
    assert metrics.eer(BAD, GOOD) == 0.25
    # (1, 0) at 0 and (0, 0.5) at 1: the line meets FAR = FRR at 1/3.
    assert metrics.eer(np.array([0.0]), np.array([0.0, 1.0])) == pytest.approx(1 / 3)


def test_all_scores_equal_is_chance() -> None:
    same = np.zeros(7)
    assert metrics.auc(same, same) == 0.5
    assert metrics.eer(same, same) == 0.5
    assert metrics.frr_at_far(same, same, 0.01) == 1.0


def test_perfect_and_reversed() -> None:
    assert metrics.eer(np.zeros(3), np.ones(3)) == 0.0
    assert metrics.eer(np.ones(3), np.zeros(3)) == 1.0
    assert metrics.frr_at_far(np.zeros(3), np.ones(3), 0.0) == 0.0


@settings(max_examples=100, deadline=None)
@given(scores, scores)
def test_agrees_with_scikit_learn(bad: np.ndarray, good: np.ndarray) -> None:
    truth = np.r_[np.zeros(len(bad)), np.ones(len(good))]
    pooled = np.r_[bad, good]
    assert metrics.auc(bad, good) == pytest.approx(roc_auc_score(truth, pooled))
    fpr, tpr, _ = roc_curve(truth, pooled, drop_intermediate=False)
    assert metrics.frr_at_far(bad, good, 0.1) == pytest.approx(min(1 - tpr[fpr <= 0.1]))
    assert metrics.eer(bad, good) == pytest.approx(np.interp(0.0, fpr - (1 - tpr), fpr), abs=1e-12)


def test_order_of_the_classes_matters() -> None:
    assert metrics.auc(GOOD, BAD) == pytest.approx(1 - metrics.auc(BAD, GOOD))


def test_evidence_that_says_nothing_costs_a_bit_and_misleading_evidence_more() -> None:
    assert metrics.llr_cost(np.zeros(3), genuine=True) == pytest.approx(1.0)
    assert metrics.llr_cost(np.full(2, 50.0), genuine=True) == pytest.approx(0.0, abs=1e-9)
    # ln(1 + e^2) / ln 2
    assert metrics.llr_cost(np.array([2.0]), genuine=False) == pytest.approx(3.0685, abs=1e-4)
    with pytest.raises(ValueError, match="llrs"):
        metrics.llr_cost(np.array([np.nan]), genuine=True)


def test_rule_of_three_and_the_poisson_bound() -> None:
    assert metrics.rate_bound(0, 120.0) == pytest.approx(3 / 120)
    # Garwood's upper bounds at 95 % one-sided: 4.744 for 1 event, 10.513 for 5.
    assert metrics.rate_bound(1, 1.0) == pytest.approx(4.744, abs=1e-3)
    assert metrics.rate_bound(5, 1.0) == pytest.approx(10.513, abs=1e-3)
    with pytest.raises(ValueError, match="exposure"):
        metrics.rate_bound(0, 0.0)


def test_interval_covers_the_value_and_widens_with_fewer_sessions() -> None:
    rng = np.random.default_rng(1)

    def accounts(n: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        return {f"u{i}": (rng.normal(0, 1, n), rng.normal(1, 1, n)) for i in range(10)}

    many = metrics.bootstrap_interval(accounts(200), metrics.auc, draws=300)
    few = metrics.bootstrap_interval(accounts(5), metrics.auc, draws=300)
    assert many.low < 0.76 < many.high
    assert few.high - few.low > 2 * (many.high - many.low)


def test_interval_is_the_same_every_time_and_bears_an_account_of_one_class() -> None:
    told = {"a": (BAD, np.empty(0)), "b": (BAD, GOOD)}
    first = metrics.bootstrap_interval(told, metrics.auc, draws=50)
    assert first == metrics.bootstrap_interval(told, metrics.auc, draws=50)


@pytest.mark.parametrize("bad", [np.empty(0), np.array([np.nan]), np.zeros((2, 2))])
def test_refuses_what_are_no_scores(bad: np.ndarray) -> None:
    with pytest.raises(ValueError, match="impostor"):
        metrics.auc(bad, GOOD)
