"""PLDA detector: two-covariance log-likelihood ratio of a window being the owner's or anybody's.

Source: the two-covariance form of probabilistic linear discriminant analysis (Ioffe 2006, ECCV; Brümmer & de Villiers
2010, Odyssey), on the vectors of `windows` of normal deviates. Windows scatter about their person's mean with one
covariance, people about everybody's mean with another, both normal; the score is the log-likelihood ratio of "by the
person whose windows were enrolled" to "by somebody".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]
Floats = NDArray[np.float64]


def fold_scores(arrays: Arrays, at: int, vectors: Floats) -> Floats:
    """Log-likelihood ratio of the owner to anybody, by each fold's model.

    Parameters
    ----------
    arrays : mapping
        For each of R lengths and each fold: ``mean`` (v,) of everybody; ``project`` (v, k): directions in which
        people differ, with unit spread within a person; in these ``owner`` (k,): where the owner is expected, and
        ``owner_variance`` and ``anybody_variance`` (k,) of a window.
    at : int
        Number of the windows' length.
    vectors : ndarray of float64, shape (m, v)

    Returns
    -------
    ndarray of float64, shape (m, folds)
    """
    names = ("mean", "project", "owner", "owner_variance", "anybody_variance")
    models = zip(*(arrays[name][at] for name in names), strict=True)
    return np.stack([_ratio(vectors, *model) for model in models], axis=1)


def _ratio(
    vectors: Floats,
    mean: NDArray[Any],
    project: NDArray[Any],
    owner: NDArray[Any],
    owner_variance: NDArray[Any],
    anybody_variance: NDArray[Any],
) -> Floats:
    seen = (vectors - mean) @ project
    by_owner = (seen - owner) ** 2 / owner_variance + np.log(owner_variance)
    by_anybody = seen**2 / anybody_variance + np.log(anybody_variance)
    ratio: Floats = 0.5 * (by_anybody - by_owner).sum(axis=1)
    return ratio
