"""Window vectors: means and log-spreads of the rows of a window.

What a hand does a little differently in every action adds up over a window in a direction that scores of single
actions cannot see. A detector of windows has one model for each of a few lengths, since means of more actions spread
less; its scores become deviates by the owner's own, made on windows of sessions that the model had not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]
Floats = NDArray[np.float64]
WindowScores = Callable[[Arrays, int, Floats], Floats]

MOST: Final = 6.0

_LEAST_SPREAD: Final = 0.05


def newest(scores: WindowScores, arrays: Arrays, rows: NDArray[np.float32]) -> float:
    """Deviate of the newest window: the longest known length that the rows fill, ending with the last row.

    Parameters
    ----------
    scores : callable
        `(arrays, number of the length, vectors (m, v)) -> (m, folds)`, higher = more genuine.
    arrays : mapping
        ``lengths`` (R,) ascending; ``centre``, ``spread`` (R,): of the owner's own scores; and what the detector needs.
    rows : ndarray of float32, shape (n, d)
        In order of time.

    Returns
    -------
    float
        Standard for the owner, lower for others, within ±6; 0 where the rows fill no window.
    """
    at = longest(arrays, len(rows))
    if at is None:
        return 0.0
    return float(slide(scores, arrays, rows[-int(arrays["lengths"][at]) :], at)[0])


def longest(arrays: Arrays, actions: int) -> int | None:
    """Number of the longest length that so many actions fill; None where they fill none."""
    at = int(np.searchsorted(arrays["lengths"], actions, side="right")) - 1
    return at if at >= 0 else None


def slide(scores: WindowScores, arrays: Arrays, rows: NDArray[np.float32], at: int, step: int = 1) -> Floats:
    """Deviates of all windows of the length number `at`, by every fold's model, averaged.

    Returns
    -------
    ndarray of float64, shape (m,)
        One a window, in order; empty where the rows fill none.
    """
    fold_scores = scores(arrays, at, vectors(rows, int(arrays["lengths"][at]), step))
    return standardised(arrays, at, fold_scores.mean(axis=1))


def standardised(arrays: Arrays, at: int, scores: Floats) -> Floats:
    """Scores as deviates: standardised for length number `at`, clipped."""
    deviates = (scores - arrays["centre"][at]) / arrays["spread"][at]
    clipped: Floats = np.clip(deviates, -MOST, MOST)
    return clipped


def vectors(rows: NDArray[np.float32], length: int, step: int = 1) -> Floats:
    """Means and log-spreads of every window of `length` rows, shape (m, 2 d)."""
    if len(rows) < length:
        return np.empty((0, 2 * rows.shape[1]))
    start = np.arange(0, len(rows) - length + 1, step)
    first, second = (
        np.concatenate((np.zeros((1, rows.shape[1])), np.cumsum(powers, axis=0)))
        for powers in (rows.astype(np.float64), rows.astype(np.float64) ** 2)
    )
    mean = (first[start + length] - first[start]) / length
    square = (second[start + length] - second[start]) / length
    spread = np.sqrt(np.maximum(square - mean**2, 0.0))
    return np.concatenate((mean, np.log(spread + _LEAST_SPREAD)), axis=1)
