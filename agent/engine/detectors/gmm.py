"""GMM-UBM detector: log-likelihood ratio of the owner's Gaussian mixture to the background's.

Source: GMM-UBM with adapted means (Reynolds, Quatieri & Dunn 2000, Digital Signal Processing 10), on the first
whitened components.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

MOST: Final = 20.0

Arrays = Mapping[str, NDArray[Any]]
Floats = NDArray[np.float64]


def fold_scores(arrays: Arrays, rows: NDArray[np.float32]) -> Floats:
    """Log-likelihood ratio of the owner's mixture to everybody's, by each fold's model, within ±20.

    Parameters
    ----------
    arrays : mapping
        ``log_weights`` (C,), ``means``, ``variances`` (C, d): of everybody; ``adapted`` (folds, C, d): the owner's.
    rows : ndarray of float32, shape (n, D)
        Whitened rows; the first d components count.

    Returns
    -------
    ndarray of float64, shape (n, folds)
    """
    points = rows[:, : arrays["means"].shape[1]].astype(np.float64)
    everybody = log_density(arrays, arrays["means"], points)
    out = np.empty((len(rows), len(arrays["adapted"])))
    for s, means in enumerate(arrays["adapted"]):
        out[:, s] = np.clip(log_density(arrays, means, points) - everybody, -MOST, MOST)
    return out


def log_density(arrays: Arrays, means: NDArray[Any], rows: Floats) -> Floats:
    """Log density of rows under the mixture with these means, less the constant of the dimensions."""
    precisions = 1.0 / arrays["variances"].astype(np.float64)
    moved = means.astype(np.float64) * precisions
    squares = (rows**2) @ precisions.T - 2.0 * rows @ moved.T + (means * moved).sum(axis=1)
    parts = arrays["log_weights"] + 0.5 * np.log(precisions).sum(axis=1) - 0.5 * squares
    highest = parts.max(axis=1)
    total: Floats = highest + np.log(np.exp(parts - highest[:, None]).sum(axis=1))
    return total
