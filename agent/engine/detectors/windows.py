"""Window vectors: means and log-spreads of the rows of a window.

What a hand does a little differently in every action adds up over a window in a direction that scores of single
actions cannot see. A detector of windows has one model for each of a few lengths, since means of more actions spread
less; its scores become deviates by the owner's own, made on windows of sessions that the model had not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]
Floats = NDArray[np.float64]
WindowScores = Callable[[Arrays, int, Floats], Floats]

MOST: Final = 6.0

_LEAST_SPREAD: Final = 0.05
# How much of a day's mean vector is believed, and the farthest that it moves windows, in the owner's standard
# deviations: chosen on training sessions (docs/method.md).
_BELIEVED: Final = 0.7
_FARTHEST: Final = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Offset:
    """By how much a day of the owner lies off the enrolment.

    Attributes
    ----------
    at : int
        Number of the windows' length.
    vector : ndarray of float64, shape (v,)
        Taken off the vectors of such windows before they are scored.
    """

    at: int
    vector: Floats


def newest(
    scores: WindowScores, arrays: Arrays, rows: NDArray[np.float32], offset: Offset | None = None
) -> float:
    """Deviate of the newest window: the longest known length that the rows fill, ending with the last row.

    Parameters
    ----------
    scores : callable
        `(arrays, number of the length, vectors (m, v)) -> (m, folds)`, higher = more genuine.
    arrays : mapping
        ``lengths`` (R,) ascending; ``centre``, ``spread`` (R,): of the owner's own scores; and what the detector needs.
    rows : ndarray of float32, shape (n, d)
        In order of time.
    offset : Offset, optional
        Of the owner's day.

    Returns
    -------
    float
        Standard for the owner, lower for others, within ±6; 0 where the rows fill no window.
    """
    at = longest(arrays, len(rows))
    if at is None:
        return 0.0
    return float(slide(scores, arrays, rows[-int(arrays["lengths"][at]) :], at, offset=offset)[0])


def longest(arrays: Arrays, actions: int) -> int | None:
    """Number of the longest length that so many actions fill; None where they fill none."""
    at = int(np.searchsorted(arrays["lengths"], actions, side="right")) - 1
    return at if at >= 0 else None


def slide(
    scores: WindowScores,
    arrays: Arrays,
    rows: NDArray[np.float32],
    at: int,
    step: int = 1,
    offset: Offset | None = None,
) -> Floats:
    """Deviates of all windows of the length number `at`, by every fold's model, averaged.

    Returns
    -------
    ndarray of float64, shape (m,)
        One a window, in order; empty where the rows fill none.
    """
    seen = vectors(rows, int(arrays["lengths"][at]), step)
    if offset is not None and offset.at == at:
        seen = seen - offset.vector
    fold_scores = scores(arrays, at, seen)
    return standardised(arrays, at, fold_scores.mean(axis=1))


def offset_of(arrays: Arrays, at: int, mean_vector: NDArray[np.floating[Any]]) -> Offset:
    """The offset of a day from its mean window vector: a part of the distance to the owner's mean, at most 5.

    Parameters
    ----------
    arrays : mapping
        ``mean`` (R, folds, v) and ``root`` (R, folds, v, v): of the owner's windows, and a Cholesky factor of their
        precision.
    at : int
        Number of the windows' length.
    mean_vector : ndarray of float, shape (v,)
    """
    moved = _BELIEVED * (mean_vector - arrays["mean"][at].mean(axis=0, dtype=np.float64))
    distance = float(np.mean([np.linalg.norm(moved @ root) for root in arrays["root"][at]]))
    return Offset(at, moved * min(1.0, _FARTHEST / max(distance, 1e-9)))


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
