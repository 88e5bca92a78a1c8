"""Fitting of `agent.engine.detectors.gaussian`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.covariance import LedoitWolf


def fit(folds: Sequence[NDArray[np.float32]], *, seed: int = 0) -> dict[str, NDArray[Any]]:
    """Mean and covariance without each fold in turn.

    Parameters
    ----------
    folds : sequence of ndarray of float32, shape (n_s, d)
        The enrolment's whitened rows, fold after fold.
    seed : int
        Nothing here is random.

    Returns
    -------
    dict
        ``mean`` (folds, d), ``root`` (folds, d, d) float32.
    """
    models = [
        LedoitWolf().fit(np.concatenate([f for i, f in enumerate(folds) if i != s]).astype(np.float64))
        for s in range(len(folds))
    ]
    return {
        "mean": np.stack([m.location_ for m in models]).astype(np.float32),
        "root": np.stack([np.linalg.cholesky(m.precision_) for m in models]).astype(np.float32),
    }
