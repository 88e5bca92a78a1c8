"""Fitting of `agent.engine.detectors.ocsvm`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.svm import OneClassSVM

MOST_ROWS: Final = 1_500
OUTSIDE: Final = 0.1


def fit(folds: Sequence[NDArray[np.float32]], *, seed: int = 0) -> dict[str, NDArray[Any]]:
    """One machine a fold, of at most 1,500 of the other folds' actions; a tenth of them may lie outside.

    Parameters
    ----------
    folds : sequence of ndarray of float32, shape (n_s, d)
        The enrolment's whitened rows, fold after fold.
    seed : int
        Which actions are taken.

    Returns
    -------
    dict
        ``vectors``, ``weights``, ``starts``, ``offset``, ``gamma``.
    """
    machines = [
        machine(np.concatenate([f for i, f in enumerate(folds) if i != s]), seed) for s in range(len(folds))
    ]
    return {
        "vectors": np.concatenate([m.support_vectors_ for m in machines]).astype(np.float32),
        "weights": np.concatenate([m.dual_coef_[0] for m in machines]),
        "starts": np.cumsum([0, *(len(m.support_vectors_) for m in machines)]).astype(np.int32),
        "offset": np.array([m.intercept_[0] for m in machines]),
        "gamma": np.array(_gamma(folds[0].shape[1])),
    }


def machine(rows: NDArray[np.float32], seed: int) -> OneClassSVM:
    """The machine of one fold."""
    sample = rows[np.sort(np.random.default_rng(seed).permutation(len(rows))[:MOST_ROWS])]
    return OneClassSVM(nu=OUTSIDE, gamma=_gamma(rows.shape[1])).fit(sample.astype(np.float64))


def _gamma(dimensions: int) -> float:
    """Whitened rows lie some root of twice their dimensions apart."""
    return 0.5 / dimensions
