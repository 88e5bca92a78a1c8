"""A window of actions as one vector: the means and log-spreads of its whitened rows.

What a hand does a little differently in every action adds up over a window in a direction that distances of single
actions cannot see. The score is the negative log of the Mahalanobis distance from the owner's own windows (Mahalanobis
1936; covariance by Ledoit & Wolf 2004, Journal of Multivariate Analysis 88(2)), standardised on windows of sessions
that the model had not seen. There is one model for each of a few lengths: means of more actions spread less.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]
Floats = NDArray[np.float64]

MOST: Final = 6.0

_LEAST_SPREAD: Final = 0.05
_LEAST_DISTANCE: Final = 1e-9


def score(arrays: Arrays, rows: NDArray[np.float32]) -> float:
    """Deviate of the newest window: the longest known length that the rows fill, ending with the last row.

    Parameters
    ----------
    arrays : mapping
        ``lengths`` (R,) ascending; ``mean`` (R, folds, v), ``root`` (R, folds, v, v): a Cholesky factor of the
        precision; ``centre``, ``spread`` (R,): of the owner's own log distances. v = 2 d.
    rows : ndarray of float32, shape (n, d)
        Whitened rows in order of time.

    Returns
    -------
    float
        Standard for the owner, lower for others, within ±6; 0 where the rows fill no window.
    """
    at = int(np.searchsorted(arrays["lengths"], len(rows), side="right")) - 1
    if at < 0:
        return 0.0
    return float(slide(arrays, rows[-int(arrays["lengths"][at]) :], at)[0])


def slide(arrays: Arrays, rows: NDArray[np.float32], at: int, step: int = 1) -> Floats:
    """Deviates of all windows of the length number `at`, by every fold's model, averaged.

    Returns
    -------
    ndarray of float64, shape (m,)
        One a window, in order; empty where the rows fill none.
    """
    told = vectors(rows, int(arrays["lengths"][at]), step)
    distances = np.stack(
        [log_distances(told, m, r) for m, r in zip(arrays["mean"][at], arrays["root"][at], strict=True)]
    )
    return standardised(arrays, at, distances.mean(axis=0))


def standardised(arrays: Arrays, at: int, log_distance: Floats) -> Floats:
    """Log distances as deviates: negated, standardised for length number `at`, clipped."""
    deviates = (arrays["centre"][at] - log_distance) / arrays["spread"][at]
    clipped: Floats = np.clip(deviates, -MOST, MOST)
    return clipped


def vectors(rows: NDArray[np.float32], length: int, step: int = 1) -> Floats:
    """Means and log-spreads of every window of `length` rows, shape (m, 2 d)."""
    if len(rows) < length:
        return np.empty((0, 2 * rows.shape[1]))
    start = np.arange(0, len(rows) - length + 1, step)
    first, second = (
        np.concatenate((np.zeros((1, rows.shape[1])), np.cumsum(values, axis=0)))
        for values in (rows.astype(np.float64), rows.astype(np.float64) ** 2)
    )
    mean = (first[start + length] - first[start]) / length
    square = (second[start + length] - second[start]) / length
    spread = np.sqrt(np.maximum(square - mean**2, 0.0))
    return np.concatenate((mean, np.log(spread + _LEAST_SPREAD)), axis=1)


def log_distances(told: Floats, mean: NDArray[Any], root: NDArray[Any]) -> Floats:
    """Log Mahalanobis distances, shape (m,)."""
    moved = (told - mean) @ root
    logs: Floats = np.log(np.maximum(np.einsum("ij,ij->i", moved, moved), _LEAST_DISTANCE)) / 2.0
    return logs
