"""Fitting of `agent.engine.detectors.gmm`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.mixture import GaussianMixture

COMPONENTS: Final = 64
DIMENSIONS: Final = 45
# How many of the owner's actions weigh as much as everybody's mean.
RELEVANCE: Final = 16.0
MOST_ROWS: Final = 8_000

_LEAST_OF_COMPONENT: Final = 10
_LEAST_VARIANCE: Final = 1e-2

Rows = NDArray[np.float32]


def fit(folds: Sequence[Rows], cohort: Rows, *, seed: int = 0) -> dict[str, NDArray[Any]]:
    """Everybody's mixture, and the means moved towards the owner's actions, without each fold in turn.

    Parameters
    ----------
    folds : sequence of ndarray of float32, shape (n_s, d)
        The enrolment's whitened rows, fold after fold.
    cohort : ndarray of float32, shape (m, d)
        Other people's.
    seed : int

    Returns
    -------
    dict
        ``log_weights`` (C,), ``means``, ``variances`` (C, d), ``adapted`` (folds, C, d).
    """
    sample = cohort[np.random.default_rng(seed).permutation(len(cohort))[:MOST_ROWS], :DIMENSIONS]
    everybody = GaussianMixture(
        max(1, min(COMPONENTS, len(sample) // _LEAST_OF_COMPONENT)),
        covariance_type="diag",
        reg_covar=_LEAST_VARIANCE,
        max_iter=100,
        tol=1e-2,
        init_params="k-means++",
        random_state=seed,
    ).fit(sample.astype(np.float64))
    sums = [_sums(everybody, fold[:, :DIMENSIONS].astype(np.float64)) for fold in folds]
    count, total = sum(c for c, _ in sums), sum(t for _, t in sums)
    adapted = [_adapted(everybody.means_, count - c, total - t) for c, t in sums]
    return {
        "log_weights": np.log(everybody.weights_),
        "means": everybody.means_.astype(np.float32),
        "variances": everybody.covariances_.astype(np.float32),
        "adapted": np.stack(adapted).astype(np.float32),
    }


def _sums(everybody: GaussianMixture, rows: NDArray[np.float64]) -> tuple[Any, Any]:
    """How much of the rows each component explains, and the sum of it."""
    shares = everybody.predict_proba(rows)
    return shares.sum(axis=0), shares.T @ rows


def _adapted(means: NDArray[Any], count: NDArray[Any], total: NDArray[Any]) -> NDArray[Any]:
    """Means between everybody's and the owner's, by how much the owner has shown of each component."""
    out: NDArray[Any] = (total + RELEVANCE * means) / (count + RELEVANCE)[:, None]
    return out
