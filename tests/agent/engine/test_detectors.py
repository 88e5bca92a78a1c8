"""The checks that every detector must pass, and what is particular to each."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from agent.engine.detectors import DETECTORS, detector, window
from agent.engine.errors import SteadyhandError
from agent.engine.transform import gaussianise, whiten
from enroll.fit import knn as knn_fit
from enroll.fit import transform as transform_fit
from enroll.fit import window as window_fit

RNG = np.random.default_rng(7)
FOLDS = [RNG.normal(size=(n, 6)).astype(np.float32) for n in (300, 200, 250)]
FAR = (RNG.normal(size=(80, 6)) + 2.0).astype(np.float32)
FITS = {"knn": knn_fit.fit}


@pytest.mark.parametrize("name", DETECTORS)
class TestEveryDetector:
    def test_others_score_lower(self, name: str) -> None:
        arrays = FITS[name](FOLDS)
        near = RNG.normal(size=(80, 6)).astype(np.float32)
        told = DETECTORS[name]
        assert told.score(arrays, near).mean() > told.score(arrays, FAR).mean() + 0.2
        assert told.fold_scores(arrays, near).mean() > told.fold_scores(arrays, FAR).mean() + 0.2

    def test_same_again_and_row_by_row(self, name: str) -> None:
        arrays = FITS[name](FOLDS)
        told = DETECTORS[name].fold_scores(arrays, FAR)
        assert np.array_equal(told, DETECTORS[name].fold_scores(FITS[name](FOLDS), FAR))
        single = np.concatenate(
            [DETECTORS[name].fold_scores(arrays, FAR[i : i + 1]) for i in range(len(FAR))]
        )
        assert np.allclose(told, single, atol=1e-4)

    def test_finite_and_one_column_a_fold(self, name: str) -> None:
        arrays = FITS[name](FOLDS)
        wild = np.array([[0.0] * 6, [1e4] * 6, FOLDS[0][0]], np.float32)
        told = DETECTORS[name].fold_scores(arrays, wild)
        assert told.shape == (3, len(FOLDS))
        assert np.isfinite(told).all()
        assert DETECTORS[name].fold_scores(arrays, wild[:0]).shape == (0, len(FOLDS))

    def test_order_of_features_does_not_matter(self, name: str) -> None:
        order = np.array([3, 1, 5, 0, 2, 4])
        told = DETECTORS[name].score(FITS[name](FOLDS), FAR)
        turned = DETECTORS[name].score(FITS[name]([f[:, order] for f in FOLDS]), FAR[:, order])
        assert np.allclose(told, turned, atol=1e-4)


def test_an_unknown_detector_is_named() -> None:
    with pytest.raises(SteadyhandError, match="crystal_ball"):
        detector("crystal_ball")


def test_knn_is_the_mean_distance_of_scikit_learn() -> None:
    arrays = knn_fit.fit(FOLDS)
    nearest = NearestNeighbors(n_neighbors=3).fit(np.concatenate(FOLDS))
    expected = -np.log(nearest.kneighbors(FAR)[0].mean(axis=1))
    assert np.allclose(DETECTORS["knn"].score(arrays, FAR), expected, atol=1e-4)


def test_knn_fold_scores_leave_that_fold_out() -> None:
    arrays = knn_fit.fit(FOLDS)
    for s in range(len(FOLDS)):
        without = knn_fit.fit([f for i, f in enumerate(FOLDS) if i != s])
        told = DETECTORS["knn"].fold_scores(arrays, FAR)[:, s]
        assert np.allclose(told, DETECTORS["knn"].score(without, FAR), atol=1e-5)


def test_knn_keeps_at_most_so_many_references_and_of_every_fold() -> None:
    many = [np.zeros((6_000, 2), np.float32) + i for i in range(3)]
    arrays = knn_fit.fit(many)
    assert len(arrays["references"]) <= knn_fit.MOST_REFERENCES
    assert (np.diff(arrays["starts"]) > 2_000).all()


def test_window_vectors_are_means_and_log_spreads() -> None:
    rows = FOLDS[0]
    told = window.vectors(rows, 30, step=7)
    part = rows[14:44]
    assert np.allclose(told[2, :6], part.mean(axis=0), atol=1e-6)
    assert np.allclose(told[2, 6:], np.log(part.std(axis=0) + 0.05), atol=1e-5)
    assert window.vectors(rows[:10], 30).shape == (0, 12)


def test_window_sees_a_small_shift_that_adds_up() -> None:
    arrays = window_fit.fit(FOLDS)
    own = RNG.normal(size=(60, 6)).astype(np.float32)
    moved = own + np.float32(0.6)
    assert window.score(arrays, own) > window.score(arrays, moved) + 1.0
    assert window.score(arrays, own[:5]) == 0.0
    assert abs(window.score(arrays, own + np.float32(1e3))) == window.MOST


def test_window_of_too_little_data_is_left_out() -> None:
    assert window_fit.fit([f[:20] for f in FOLDS]) == {}


def test_own_window_deviates_are_standard_and_by_the_model_without_the_fold() -> None:
    arrays = window_fit.fit(FOLDS)
    told = [window_fit.own_deviates(arrays, fold, s, most=60) for s, fold in enumerate(FOLDS)]
    filled = np.concatenate([t[60:] for t in told])
    assert abs(filled.mean()) < 0.6
    assert told[0][:7].tolist() == [0.0] * 7


class TestTransform:
    rows = np.column_stack(
        [RNG.lognormal(size=500), RNG.integers(0, 3, 500).astype(float), RNG.normal(size=500)]
    )

    def test_own_values_become_normal_deviates(self) -> None:
        told = gaussianise(transform_fit.fit(self.rows), self.rows)
        assert abs(told[:, 0].mean()) < 0.02
        assert abs(told[:, 0].std() - 1.0) < 0.05
        assert np.array_equal(
            np.argsort(told[:, 2], kind="stable"), np.argsort(self.rows[:, 2], kind="stable")
        )

    def test_ties_share_the_middle_of_their_ranks(self) -> None:
        told = gaussianise(transform_fit.fit(self.rows), self.rows)
        assert len(np.unique(told[:, 1])) == 3
        assert abs(float(told[self.rows[:, 1] == 1, 1][0])) < 0.3

    def test_beyond_what_was_seen_is_clipped_and_undefined_is_the_median(self) -> None:
        arrays = transform_fit.fit(self.rows)
        told = gaussianise(arrays, np.array([[1e12, 1.0, -1e12], [np.nan, np.nan, np.nan]]))
        assert np.abs(told[0]).max() <= 3.0
        assert told[1].tolist() == [0.0, 0.0, 0.0]

    def test_whitened_components_are_uncorrelated_with_unit_spread(self) -> None:
        arrays = transform_fit.fit(self.rows)
        white = whiten(arrays, gaussianise(arrays, self.rows))
        assert np.allclose(np.cov(white.T), np.eye(3), atol=1e-3)

    def test_columns_that_say_nothing_are_known(self) -> None:
        dull = np.column_stack(
            [np.full(50, 3.0), np.full(50, np.nan), np.arange(50.0), np.r_[1.0, 2.0, np.full(48, np.nan)]]
        )
        assert transform_fit.usable(dull).tolist() == [False, False, True, False]

    def test_another_number_of_columns_is_refused(self) -> None:
        with pytest.raises(ValueError, match="rows"):
            gaussianise(transform_fit.fit(self.rows), self.rows[:, :2])
