"""k-NN detector: distance to the nearest enrolled actions.

Source: k-nearest-neighbour novelty detection (Ramaswamy, Rastogi & Shim 2000, SIGMOD), on whitened normal
deviates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

NEIGHBOURS: Final = 3

Arrays = Mapping[str, NDArray[Any]]
Floats = NDArray[np.float32]

_BLOCK: Final = 512
_LEAST_SQUARE: Final = 1e-6


def score(arrays: Arrays, rows: Floats) -> Floats:
    """Negative log of the mean distance to the 3 nearest enrolled actions.

    Parameters
    ----------
    arrays : mapping
        ``references`` (r, d) float32, fold after fold; ``lengths`` (r,): their squared lengths; ``starts``
        (folds + 1,): where each fold begins.
    rows : ndarray of float32, shape (n, d)
        Whitened rows.

    Returns
    -------
    ndarray of float32, shape (n,)
        Higher = nearer to what was enrolled.
    """
    return np.concatenate([_closeness(near.reshape(len(near), -1)) for near in _nearest(arrays, rows)])


def fold_scores(arrays: Arrays, rows: Floats) -> Floats:
    """As `score`, with each fold of the enrolment left out in turn.

    Returns
    -------
    ndarray of float32, shape (n, folds)
        Column s is the score of the model that never saw fold s.
    """
    folds = len(arrays["starts"]) - 1
    without = [[fold for fold in range(folds) if fold != left_out] for left_out in range(folds)]
    out = []
    for near in _nearest(arrays, rows):
        others = [near[:, folds_kept].reshape(len(near), -1) for folds_kept in without]
        out.append(np.stack([_closeness(part) for part in others], axis=1))
    return np.concatenate(out) if out else np.empty((0, folds), np.float32)


def _nearest(arrays: Arrays, rows: Floats) -> Iterator[Floats]:
    """Squared distances to the 3 nearest actions of each fold, (block, folds, 3), block by block."""
    references, starts = arrays["references"], arrays["starts"]
    for first in range(0, len(rows), _BLOCK):
        block = rows[first : first + _BLOCK]
        squares = arrays["lengths"] - 2.0 * (block @ references.T)
        squares += np.einsum("ij,ij->i", block, block)[:, None]
        yield np.stack([_smallest(squares[:, a:b]) for a, b in pairwise(starts)], axis=1)


def _smallest(squares: Floats) -> Floats:
    """The 3 smallest of each row, infinite where there are fewer."""
    if squares.shape[1] < NEIGHBOURS:
        missing = ((0, 0), (0, NEIGHBOURS - squares.shape[1]))
        return np.pad(squares, missing, constant_values=np.inf)
    return np.partition(squares, NEIGHBOURS - 1, axis=1)[:, :NEIGHBOURS]


def _closeness(squares: Floats) -> Floats:
    least = np.partition(squares, NEIGHBOURS - 1, axis=1)[:, :NEIGHBOURS]
    distance = np.sqrt(np.maximum(least, _LEAST_SQUARE)).mean(axis=1)
    closeness: Floats = -np.log(distance)
    return closeness
