"""Calibration: uniform for the owner, whatever the detector's scale; evidence of the right sign and size."""

from __future__ import annotations

import numpy as np
import pytest

from agent.engine.calibration import Likelihood, deviates, normal_deviates
from agent.engine.fusion import weights_of

RNG = np.random.default_rng(11)


def calibration(folds: list[np.ndarray]) -> dict[str, np.ndarray]:
    return {
        "scores": np.concatenate([np.sort(f) for f in folds]).astype(np.float32),
        "starts": np.cumsum([0, *map(len, folds)]).astype(np.int32),
    }


def test_deviates_of_the_owner_are_standard_normal_on_any_scale() -> None:
    def scores(n: int) -> np.ndarray:
        return np.exp(RNG.normal(size=n) * 3.0 - 8.0)

    arrays = calibration([scores(1500), scores(900), scores(600)])
    told = deviates(arrays, np.repeat(scores(4000)[:, None], 3, axis=1).astype(np.float32))
    assert abs(told.mean()) < 0.06
    assert abs(told.std() - 1.0) < 0.05


def test_each_fold_is_ranked_by_the_model_that_had_not_seen_it() -> None:
    # Fold 0's scores lie below 0 and fold 1's above 10: a score between, by each model, has half of all below it.
    arrays = calibration([-1.0 - np.arange(5.0), 11.0 + np.arange(5.0)])
    assert deviates(arrays, np.array([[5.0, 5.0]], np.float32))[0] == pytest.approx(0.0)
    # What is judged by one model alone moves one fold's ranks alone.
    assert deviates(arrays, np.array([[5.0, 99.0]], np.float32))[0] > 1.0


def test_deviates_are_finite_beyond_everything_seen_and_rise_with_the_score() -> None:
    arrays = calibration([np.arange(100.0)])
    told = deviates(arrays, np.array([[-1e9], [50.0], [1e9]], np.float32))
    assert np.isfinite(told).all()
    assert told[0] < told[1] < told[2]
    assert told[0] == pytest.approx(-told[2], abs=0.3)


def test_another_number_of_folds_is_refused() -> None:
    with pytest.raises(ValueError, match="fold_scores"):
        deviates(calibration([np.arange(9.0)]), np.zeros((1, 2), np.float32))


def test_normal_deviates_at_known_shares() -> None:
    told = normal_deviates(np.array([0.0, 0.025, 0.5, 0.975, 1.0]))
    assert told[1:4] == pytest.approx([-1.959964, 0.0, 1.959964], abs=1e-5)
    assert np.isfinite(told).all()


def test_llr_is_that_of_the_two_normal_densities_times_its_share() -> None:
    def log_density(x: float, mean: float) -> float:
        return -((x - mean) ** 2) / 2

    likelihood = Likelihood(shift=1.5, share=0.25)
    for z in (-3.0, -0.75, 0.0, 2.0):
        assert likelihood.llr(z) == pytest.approx(0.25 * (log_density(z, 0.0) - log_density(z, -1.5)))
    assert likelihood.llr(0.5) > 0 > likelihood.llr(-1.0)


def test_weights_keep_unit_spread() -> None:
    arrays = {"fusion/knn": np.array(1.0), "fusion/window": np.array(0.5)}
    weights = weights_of(arrays, ("knn", "window"))
    assert np.isclose((weights**2).sum(), 1.0)
    assert weights[0] == pytest.approx(2.0 * weights[1])
    assert (RNG.normal(size=(20_000, 2)) @ weights).std() == pytest.approx(1.0, abs=0.03)
