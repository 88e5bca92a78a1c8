"""Window detector: Mahalanobis distance of a window vector from the owner's.

Source: Mahalanobis 1936; covariance by Ledoit & Wolf 2004, Journal of Multivariate Analysis 88(2). On the vectors of
`windows` of whitened rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]
Floats = NDArray[np.float64]

_LEAST_DISTANCE: Final = 1e-9


def fold_scores(arrays: Arrays, at: int, vectors: Floats) -> Floats:
    """Negative log of the Mahalanobis distance, by each fold's model.

    Parameters
    ----------
    arrays : mapping
        ``mean`` (R, folds, v), ``root`` (R, folds, v, v): a Cholesky factor of the precision.
    at : int
        Number of the windows' length.
    vectors : ndarray of float64, shape (m, v)

    Returns
    -------
    ndarray of float64, shape (m, folds)
    """
    models = zip(arrays["mean"][at], arrays["root"][at], strict=True)
    return np.stack([-_log_distances(vectors, mean, root) for mean, root in models], axis=1)


def _log_distances(points: Floats, mean: NDArray[Any], root: NDArray[Any]) -> Floats:
    """Log Mahalanobis distances, shape (m,)."""
    moved = (points - mean) @ root
    logs: Floats = np.log(np.maximum(np.einsum("ij,ij->i", moved, moved), _LEAST_DISTANCE)) / 2.0
    return logs
