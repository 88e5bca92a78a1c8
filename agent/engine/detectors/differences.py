"""Differences detector: distance of a window from the owner in directions in which people differ more than one does.

Source: Fisher's discriminant in its generalised eigenvector form (Fisher 1936; Rao 1948), between second moments of
"the same person on another day" and "somebody else". On the vectors of `windows` of normal deviates, whose scale is
the owner's own: so the moments may come from people with any mouse.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]
Floats = NDArray[np.float64]

_LEAST_SQUARE: Final = 1e-6


def fold_scores(arrays: Arrays, at: int, vectors: Floats) -> Floats:
    """Negative log of the squared distance from the owner's mean, by each fold's model.

    Parameters
    ----------
    arrays : mapping
        ``mean`` (R, folds, v) and ``project`` (R, folds, v, k): directions, each weighted.
    at : int
        Number of the windows' length.
    vectors : ndarray of float64, shape (m, v)

    Returns
    -------
    ndarray of float64, shape (m, folds)
    """
    models = zip(arrays["mean"][at], arrays["project"][at], strict=True)
    return np.stack([_nearness(vectors, mean, project) for mean, project in models], axis=1)


def _nearness(vectors: Floats, mean: NDArray[Any], project: NDArray[Any]) -> Floats:
    apart = (vectors - mean) @ project
    nearness: Floats = -np.log(_LEAST_SQUARE + np.einsum("ij,ij->i", apart, apart))
    return nearness
