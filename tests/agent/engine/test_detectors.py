"""The checks that every detector must pass, and what is particular to each."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.covariance import LedoitWolf
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import NearestNeighbors

from agent.engine.detectors import (
    DETECTORS,
    Detector,
    Rows,
    WindowDetector,
    detector,
    forest,
    knn,
    plda,
    windows,
)
from agent.engine.errors import SteadyhandError
from agent.engine.events import EventBatch, EventKind
from agent.engine.sketch import SketchedRows
from agent.engine.transform import gaussianise, whiten
from agent.files.npz import describe, pack_arrays, unpack_arrays
from enroll import fit as fits
from enroll.fit import forest as forest_fit
from enroll.fit import gaussian as gaussian_fit
from enroll.fit import gmm as gmm_fit
from enroll.fit import iforest as iforest_fit
from enroll.fit import knn as knn_fit
from enroll.fit import ocsvm as ocsvm_fit
from enroll.fit import plda as plda_fit
from enroll.fit import transform as transform_fit
from enroll.fit import window as window_fit
from enroll.fit import windows as window_fits
from enroll.fit.deep import LibraryMissing
from enroll.sessions import session_rows
from tests.agent.engine.sketched import sketches

RNG = np.random.default_rng(7)
FOLDS = [RNG.normal(size=(n, 6)).astype(np.float32) for n in (300, 200, 250)]
FAR = (RNG.normal(size=(80, 6)) + 2.0).astype(np.float32)
NEAR = RNG.normal(size=(80, 6)).astype(np.float32)
COHORT = (RNG.normal(size=(900, 6)) + np.repeat(RNG.normal(size=(6, 6)) + 1.0, 150, axis=0)).astype(
    np.float32
)


PATHS = [sketches(n, 0.4, i) for i, n in enumerate((300, 200, 250))]
FAR_PATHS, NEAR_PATHS = sketches(80, 2.6, 8, haste=3.0), sketches(80, 0.4, 9)
PEOPLE = [sketches(150, 1.5 + 0.6 * i, 20 + i, haste=2.0) for i in range(6)]


def folds_of(name: str) -> list[np.ndarray]:
    both = {Rows.SKETCHES: PATHS, Rows.DEVIATES_AND_SKETCHES: list(map(beside, FOLDS, PATHS))}
    return both.get(DETECTORS[name].rows, FOLDS)


def beside(rows: np.ndarray, paths: np.ndarray) -> np.ndarray:
    return np.concatenate((rows, paths), axis=1)


def far_of(name: str) -> np.ndarray:
    return {Rows.SKETCHES: FAR_PATHS, Rows.DEVIATES_AND_SKETCHES: beside(FAR, FAR_PATHS)}.get(
        DETECTORS[name].rows, FAR
    )


def near_of(name: str) -> np.ndarray:
    return {Rows.SKETCHES: NEAR_PATHS, Rows.DEVIATES_AND_SKETCHES: beside(NEAR, NEAR_PATHS)}.get(
        DETECTORS[name].rows, NEAR
    )


def fit_anew(
    name: str, folds: list[np.ndarray] | None = None, cohort: object = None
) -> dict[str, np.ndarray]:
    others = PEOPLE if name in fits.HELPED_FITS else COHORT if cohort is None else cohort
    try:
        return fits.fit(name, folds or folds_of(name), others, seed=0)  # type: ignore[arg-type]
    except LibraryMissing as missing:
        pytest.skip(str(missing))


ACTIONS = [name for name, one in DETECTORS.items() if isinstance(one, Detector)]
# Those that learn from a background have tests of their own (tests/enroll/background).
WINDOWS = [n for n, one in DETECTORS.items() if isinstance(one, WindowDetector) and not one.background]
CROWD = np.array_split(COHORT, 6)


def shifted(by: float) -> np.ndarray:
    return (RNG.normal(size=(60, 6)) + by).astype(np.float32)


@cache
def fitted_windows(name: str) -> dict[str, np.ndarray]:
    return window_fits.fit(name, FOLDS, CROWD if DETECTORS[name].cohort else ())


def newest(name: str, arrays: dict[str, np.ndarray], rows: np.ndarray) -> float:
    one = DETECTORS[name]
    assert isinstance(one, WindowDetector)
    return windows.newest(one.fold_scores, arrays, rows)


@cache
def fitted(name: str) -> dict[str, np.ndarray]:
    return fit_anew(name)


def apart_of(name: str) -> list[np.ndarray]:
    """Folds of which the first is unlike all others: who never saw it must find it strange."""
    moved = [f + np.float32(3.0) for f in FOLDS[1:]]
    paths = [sketches(len(f), 2.6, 30 + i, haste=3.0) for i, f in enumerate(PATHS[1:])]
    both = {
        Rows.SKETCHES: [PATHS[0], *paths],
        Rows.DEVIATES_AND_SKETCHES: [beside(FOLDS[0], PATHS[0]), *map(beside, moved, paths)],
    }
    return both.get(DETECTORS[name].rows, [FOLDS[0], *moved])


def without(s: int) -> np.ndarray:
    return np.concatenate([fold for i, fold in enumerate(FOLDS) if i != s])


@pytest.mark.parametrize("name", ACTIONS)
class TestEveryDetectorOfActions:
    def test_others_score_lower(self, name: str) -> None:
        score = DETECTORS[name].fold_scores
        near, far = score(fitted(name), near_of(name)), score(fitted(name), far_of(name))
        skip = DETECTORS[name].context - 1
        near, far = near[skip:], far[skip:]
        assert near.mean() > far.mean() + 0.5 * near.std()
        assert (near[:, None] > far).mean() > 0.75

    def test_same_again_and_row_by_row(self, name: str) -> None:
        score = DETECTORS[name].fold_scores
        far, context = far_of(name), DETECTORS[name].context
        told = score(fitted(name), far)
        assert np.array_equal(told, score(fit_anew(name), far))
        newest = [score(fitted(name), far[max(i - context + 1, 0) : i + 1])[-1] for i in range(len(far))]
        assert np.allclose(told, np.stack(newest), atol=1e-4)

    def test_what_is_only_looked_back_on_is_not_scored(self, name: str) -> None:
        one, far = DETECTORS[name], far_of(name)
        if one.context == 1:
            pytest.skip("looks back on nothing")
        told = one.fold_scores(fitted(name), far)
        for first in (0, 1, 5, len(far) - 1):
            assert np.allclose(one.fold_scores(fitted(name), far, first), told[first:], atol=1e-5)

    def test_finite_and_one_column_a_fold(self, name: str) -> None:
        usual = folds_of(name)[0]
        wild = np.repeat(np.array([[0.0], [1e4], [-1e4], [0.0]], np.float32), usual.shape[1], axis=1)
        wild[3] = usual[0]
        told = DETECTORS[name].fold_scores(fitted(name), wild)
        assert told.shape == (4, len(FOLDS))
        assert np.isfinite(told).all()
        assert DETECTORS[name].fold_scores(fitted(name), wild[:0]).shape == (0, len(FOLDS))

    def test_order_of_features_hardly_matters(self, name: str) -> None:
        if DETECTORS[name].rows.sketched or name.startswith("autoencoder"):
            pytest.skip(
                "a sketch has a fixed order, and a network begins with weights that are drawn in order"
            )
        order = np.array([3, 1, 5, 0, 2, 4])
        turned = fits.fit(name, [f[:, order] for f in FOLDS], COHORT[:, order], seed=0)
        score = DETECTORS[name].fold_scores
        both = np.concatenate((NEAR, FAR))
        told, other = score(fitted(name), both).mean(axis=1), score(turned, both[:, order]).mean(axis=1)
        # What is drawn at random falls on other columns: trees and mixtures then agree closely, not exactly.
        assert np.corrcoef(told, other)[0, 1] > (0.9 if name in ("forest", "iforest", "gmm") else 0.999999)

    def test_arrays_keep_what_they_say_in_a_file(self, name: str) -> None:
        arrays = fitted(name)
        again = unpack_arrays(pack_arrays(arrays), describe(arrays), 1 << 26)
        score = DETECTORS[name].fold_scores
        assert np.array_equal(score(again, far_of(name)), score(fitted(name), far_of(name)))

    def test_the_fold_is_left_out(self, name: str) -> None:
        alone = fit_anew(name, apart_of(name))
        told = DETECTORS[name].fold_scores(alone, folds_of(name)[0])[DETECTORS[name].context :]
        assert told[:, 0].mean() < told[:, 1].mean()


def poor(kind: str) -> np.ndarray:
    """Sketches of a stream that says little, as the kernel and the sketcher make them."""
    count = 3 if kind == "three events" else 400
    t_ns = np.arange(count) * 20_000_000 + (np.arange(count) // 20) * 1_500_000_000
    x = np.arange(count) % 20 * 9.0 if kind != "no movement" else np.full(count, 5.0)
    kinds = np.full(count, EventKind.MOVE, np.uint8)
    if kind == "clicks alone":
        kinds[0::2], kinds[1::2] = EventKind.PRESS, EventKind.RELEASE
    button = np.where(kinds == EventKind.MOVE, 0, 1).astype(np.uint8)
    batch = EventBatch.of(t_ns, x, np.full(count, 300.0), kinds, button)
    rows = session_rows("x", kind, [batch], sketched=True).rows
    assert isinstance(rows, SketchedRows)
    return rows.sketches


@pytest.mark.parametrize("kind", ["three events", "one direction", "no movement", "clicks alone"])
@pytest.mark.parametrize("name", [name for name in ACTIONS if DETECTORS[name].rows.sketched])
class TestPoorInput:
    def test_is_scored_by_numbers(self, name: str, kind: str) -> None:
        paths = poor(kind)
        told = DETECTORS[name].fold_scores(fitted(name), rows_for(name, paths))
        assert told.shape == (len(paths), len(PATHS))
        assert np.isfinite(told).all()

    def test_is_learnt_from_without_harm(self, name: str, kind: str) -> None:
        paths = poor(kind)
        if len(paths) < 4:
            pytest.skip("fewer actions than anybody is enrolled by")
        arrays = fit_anew(name, [rows_for(name, paths)] * 3)
        told = DETECTORS[name].fold_scores(arrays, near_of(name))
        assert np.isfinite(told).all()


def rows_for(name: str, paths: np.ndarray) -> np.ndarray:
    if DETECTORS[name].rows is Rows.SKETCHES:
        return paths
    return beside(np.zeros((len(paths), 6), np.float32), paths)


@pytest.mark.parametrize("name", WINDOWS)
class TestEveryDetectorOfWindows:
    def test_others_score_lower_and_the_owner_is_standard(self, name: str) -> None:
        own = [newest(name, fitted_windows(name), shifted(0.0)) for _ in range(20)]
        others = [newest(name, fitted_windows(name), shifted(0.6)) for _ in range(20)]
        assert abs(np.mean(own)) < 1.0
        assert np.mean([a > b for a in own for b in others]) > 0.95

    def test_same_again_finite_and_one_column_a_fold(self, name: str) -> None:
        one = DETECTORS[name]
        again = window_fits.fit(name, FOLDS, CROWD if one.cohort else ())
        assert again.keys() == fitted_windows(name).keys()
        assert all(np.array_equal(again[key], fitted_windows(name)[key]) for key in again)
        wild = np.concatenate((windows.vectors(NEAR, 30, 10), np.full((1, 12), 1e4), np.full((1, 12), -1e4)))
        for at in range(len(again["lengths"])):
            told = one.fold_scores(again, at, wild)
            assert told.shape == (len(wild), len(FOLDS))
            assert np.isfinite(told).all()
        assert abs(newest(name, again, NEAR + np.float32(1e3))) == windows.MOST

    def test_order_of_features_does_not_matter(self, name: str) -> None:
        order = np.array([3, 1, 5, 0, 2, 4])
        people = [p[:, order] for p in CROWD] if DETECTORS[name].cohort else ()
        turned = window_fits.fit(name, [f[:, order] for f in FOLDS], people)
        for rows in (NEAR, FAR, shifted(0.3)):
            told = newest(name, fitted_windows(name), rows)
            assert newest(name, turned, rows[:, order]) == pytest.approx(told, abs=1e-3)

    def test_arrays_keep_what_they_say_in_a_file(self, name: str) -> None:
        arrays = fitted_windows(name)
        again = unpack_arrays(pack_arrays(arrays), describe(arrays), 1 << 26)
        assert newest(name, again, NEAR) == newest(name, arrays, NEAR)

    def test_the_fold_is_left_out(self, name: str) -> None:
        moved = window_fits.fit(
            name, [FOLDS[0], *(f + 1.5 for f in FOLDS[1:])], CROWD if DETECTORS[name].cohort else ()
        )
        told = DETECTORS[name].fold_scores(moved, 2, windows.vectors(FOLDS[0], 30, 10))  # type: ignore[arg-type]
        assert told[:, 0].mean() < told[:, 1].mean()

    def test_too_little_data_is_left_out(self, name: str) -> None:
        people = CROWD if DETECTORS[name].cohort else ()
        assert window_fits.fit(name, [f[:8] for f in FOLDS], people) == {}


def test_plda_is_the_ratio_of_two_normal_densities() -> None:
    model = plda_fit.model(windows.vectors(FOLDS[0], 15, 5), [windows.vectors(p, 15, 5) for p in CROWD])
    arrays = {key: value[None, None] for key, value in model.items()}
    tried = windows.vectors(NEAR, 15, 5)
    seen = (tried - model["mean"]) @ model["project"]
    by_owner = multivariate_normal(model["owner"], np.diag(model["owner_variance"])).logpdf(seen)
    by_anybody = multivariate_normal(None, np.diag(model["anybody_variance"])).logpdf(seen)
    assert np.allclose(plda.fold_scores(arrays, 0, tried)[:, 0], by_owner - by_anybody, atol=1e-3)


def test_one_odd_session_of_the_owner_does_not_make_the_scale() -> None:
    usual = window_fits.fit("plda", [*FOLDS, FOLDS[0] + np.float32(0.05)], CROWD)
    odd = window_fits.fit("plda", [*FOLDS, FOLDS[0] + np.float32(9.0)], CROWD)
    ratio = odd["spread"] / usual["spread"]
    assert (ratio < 4.0).all()


def test_an_unknown_detector_is_named() -> None:
    with pytest.raises(SteadyhandError, match="crystal_ball"):
        detector("crystal_ball")


def test_what_needs_a_cohort_says_so() -> None:
    assert {name for name in ACTIONS if DETECTORS[name].cohort} == set(fits.COHORT_FITS)
    assert {name for name in ACTIONS if DETECTORS[name].cohort_helps} == set(fits.HELPED_FITS)
    assert set(ACTIONS) == set(fits.COHORT_FITS) | set(fits.OWN_FITS) | set(fits.HELPED_FITS)
    assert set(WINDOWS) == set(window_fits.FITS)
    assert DETECTORS["forest"].rows is Rows.DEVIATES
    with pytest.raises(ValueError, match="forest learns from a cohort"):
        fits.fit("forest", FOLDS, None, seed=0)


def test_forest_is_that_of_scikit_learn() -> None:
    trees = round(forest_fit.TREES / len(FOLDS))
    for s in range(len(FOLDS)):
        model = forest_fit.classifier(without(s), COHORT, trees, s)
        told = forest.shares(fitted("forest"), np.concatenate((FAR, NEAR)))[:, s]
        assert np.abs(told - model.predict_proba(np.concatenate((FAR, NEAR)))[:, 1]).max() < 1e-9


def test_forest_tells_equal_values_as_scikit_learn_does() -> None:
    steps = [np.round(fold * 2.0) / 2.0 for fold in FOLDS]
    cohort = np.round(COHORT * 2.0) / 2.0
    arrays = forest_fit.fit(steps, cohort)
    model = forest_fit.classifier(np.concatenate(steps[1:]), cohort, round(forest_fit.TREES / 3), 0)
    tried = np.round(FAR * 4.0) / 4.0
    assert np.abs(forest.shares(arrays, tried)[:, 0] - model.predict_proba(tried)[:, 1]).max() < 1e-9


def test_isolation_forest_is_that_of_scikit_learn() -> None:
    for s in range(len(FOLDS)):
        model = iforest_fit.isolation(without(s), len(FOLDS), s)
        told = DETECTORS["iforest"].fold_scores(fitted("iforest"), FAR)[:, s]
        assert np.abs(told - model.score_samples(FAR)).max() < 1e-9


def test_one_class_machine_is_that_of_scikit_learn() -> None:
    for s in range(len(FOLDS)):
        expected = ocsvm_fit.machine(without(s), 0).decision_function(FAR)
        told = DETECTORS["ocsvm"].fold_scores(fitted("ocsvm"), FAR)[:, s]
        assert np.abs(told - expected).max() < 1e-6 * np.abs(expected).max() + 1e-9


def test_gaussian_is_the_mahalanobis_distance_of_scikit_learn() -> None:
    model = LedoitWolf().fit(without(1).astype(np.float64))
    told = DETECTORS["gaussian"].fold_scores(gaussian_fit.fit(FOLDS), FAR)[:, 1]
    assert np.allclose(told, -np.log(model.mahalanobis(FAR.astype(np.float64))) / 2.0, atol=1e-5)


def test_mixture_is_that_of_scikit_learn() -> None:
    arrays = gmm_fit.fit(FOLDS, COHORT)
    models = []
    for means in (arrays["means"], arrays["adapted"][2]):
        model = GaussianMixture(len(means), covariance_type="diag")
        model.weights_, model.means_ = np.exp(arrays["log_weights"]), means.astype(np.float64)
        model.covariances_ = arrays["variances"].astype(np.float64)
        model.precisions_cholesky_ = 1.0 / np.sqrt(model.covariances_)
        models.append(model.score_samples(NEAR.astype(np.float64)))
    told = DETECTORS["gmm"].fold_scores(arrays, NEAR)[:, 2]
    assert np.allclose(told, np.clip(models[1] - models[0], -20.0, 20.0), atol=1e-6)


def test_mixture_of_few_rows_has_few_components() -> None:
    assert len(gmm_fit.fit(FOLDS, COHORT[:35])["means"]) == 3


def test_knn_is_the_mean_distance_of_scikit_learn() -> None:
    arrays = knn_fit.fit(FOLDS)
    nearest = NearestNeighbors(n_neighbors=3).fit(np.concatenate(FOLDS))
    expected = -np.log(nearest.kneighbors(FAR)[0].mean(axis=1))
    assert np.allclose(knn.score(arrays, FAR), expected, atol=1e-4)


def test_knn_fold_scores_leave_that_fold_out() -> None:
    for s in range(len(FOLDS)):
        alone = knn_fit.fit([f for i, f in enumerate(FOLDS) if i != s])
        told = DETECTORS["knn"].fold_scores(fitted("knn"), FAR)[:, s]
        assert np.allclose(told, knn.score(alone, FAR), atol=1e-5)


def test_knn_keeps_at_most_so_many_references_and_of_every_fold() -> None:
    many = [np.zeros((6_000, 2), np.float32) + i for i in range(3)]
    arrays = knn_fit.fit(many)
    assert len(arrays["references"]) <= knn_fit.MOST_REFERENCES
    assert (np.diff(arrays["starts"]) > 2_000).all()


def test_window_vectors_are_means_and_log_spreads() -> None:
    rows = FOLDS[0]
    told = windows.vectors(rows, 30, step=7)
    part = rows[14:44]
    assert np.allclose(told[2, :6], part.mean(axis=0), atol=1e-6)
    assert np.allclose(told[2, 6:], np.log(part.std(axis=0) + 0.05), atol=1e-5)
    assert windows.vectors(rows[:10], 30).shape == (0, 12)
    assert newest("window", fitted_windows("window"), rows[:5]) == 0.0


def test_own_window_deviates_are_standard_and_by_the_model_without_the_fold() -> None:
    arrays = fitted_windows("window")
    told = [
        window_fits.own_deviates(window_fit.fold_scores, arrays, fold, s, most=60)
        for s, fold in enumerate(FOLDS)
    ]
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
