"""Fits what `agent.engine.detectors.window` scores with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.covariance import LedoitWolf

from agent.engine.detectors.window import log_distances, standardised, vectors

LENGTHS: Final = (8, 15, 30, 60, 120)

_OVERLAP: Final = 4
_LEAST_WINDOWS: Final = 20

Floats = NDArray[np.float64]


def fit(folds: Sequence[NDArray[np.float32]]) -> dict[str, NDArray[Any]]:
    """One model for each length and each fold left out.

    Parameters
    ----------
    folds : sequence of ndarray of float32, shape (n_s, d)
        The enrolment's whitened rows, fold after fold, each in order of time.

    Returns
    -------
    dict
        ``lengths``, ``mean``, ``root``, ``centre``, ``spread``; without lengths that too few windows fill, and
        empty if none is left.
    """
    models = [told for length in LENGTHS if (told := _fit_length(folds, length)) is not None]
    if not models:
        return {}
    names = ("lengths", "mean", "root", "centre", "spread")
    return {name: np.stack([model[i] for model in models]) for i, name in enumerate(names)}


def own_deviates(arrays: dict[str, NDArray[Any]], fold: NDArray[np.float32], s: int, most: int) -> Floats:
    """What the agent will see of a new session: after each action of fold s the deviate of the newest window.

    By the model that had not seen the fold; windows of at most `most` actions; 0 while none is filled.

    Returns
    -------
    ndarray of float64, shape (n_s,)
    """
    out = np.zeros(len(fold))
    for at, length in enumerate(arrays["lengths"].tolist()):
        if length <= most and length <= len(fold):
            told = log_distances(vectors(fold, length), arrays["mean"][at, s], arrays["root"][at, s])
            out[length - 1 :] = standardised(arrays, at, told)
    return out


def _fit_length(folds: Sequence[NDArray[np.float32]], length: int) -> tuple[NDArray[Any], ...] | None:
    told = [vectors(fold, length, max(1, length // _OVERLAP)) for fold in folds]
    if any(sum(map(len, told)) - len(own) < _LEAST_WINDOWS for own in told):
        return None
    means, roots, distances = [], [], []
    for s, own in enumerate(told):
        model = LedoitWolf().fit(np.concatenate([part for i, part in enumerate(told) if i != s]))
        means.append(model.location_)
        roots.append(np.linalg.cholesky(model.precision_))
        distances.append(log_distances(own, means[-1], roots[-1]))
    pooled = np.concatenate(distances)
    if len(pooled) < _LEAST_WINDOWS or pooled.std() == 0.0:
        return None
    return (
        np.array(length, np.int32),
        np.stack(means).astype(np.float32),
        np.stack(roots).astype(np.float32),
        np.array(pooled.mean()),
        np.array(pooled.std()),
    )
