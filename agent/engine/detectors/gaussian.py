"""Gaussian detector: Mahalanobis distance from the owner's mean.

Source: Mahalanobis 1936; covariance by Ledoit & Wolf 2004, Journal of Multivariate Analysis 88(2). On whitened rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]

_LEAST_DISTANCE: Final = 1e-9


def fold_scores(arrays: Arrays, rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """Negative log of the Mahalanobis distance, by each fold's model.

    Parameters
    ----------
    arrays : mapping
        ``mean`` (folds, d); ``root`` (folds, d, d): a Cholesky factor of the precision.
    rows : ndarray of float32, shape (n, d)
        Whitened rows.

    Returns
    -------
    ndarray of float64, shape (n, folds)
    """
    doubles = rows.astype(np.float64)
    out = np.empty((len(rows), len(arrays["mean"])))
    for s, (mean, root) in enumerate(zip(arrays["mean"], arrays["root"], strict=True)):
        moved = (doubles - mean) @ root
        out[:, s] = -np.log(np.maximum(np.einsum("ij,ij->i", moved, moved), _LEAST_DISTANCE)) / 2.0
    return out
