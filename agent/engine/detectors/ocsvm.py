"""One-class SVM detector: signed distance to the region of the owner's actions.

Source: one-class support vector machine with a Gaussian kernel (Schölkopf et al. 2001, Neural Computation 13), on
whitened rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]


def fold_scores(arrays: Arrays, rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """Signed distance from the region's border, positive inside, by each fold's machine.

    Parameters
    ----------
    arrays : mapping
        ``vectors`` (m, d) float32, ``weights`` (m,), fold after fold; ``starts`` (folds + 1,); ``offset`` (folds,);
        ``gamma`` (): of the kernel exp(-gamma r²).
    rows : ndarray of float32, shape (n, d)
        Whitened rows.

    Returns
    -------
    ndarray of float64, shape (n, folds)
    """
    doubles, vectors = rows.astype(np.float64), arrays["vectors"].astype(np.float64)
    squares = (doubles**2).sum(axis=1)[:, None] - 2.0 * doubles @ vectors.T + (vectors**2).sum(axis=1)
    likeness = np.exp(-arrays["gamma"] * np.maximum(squares, 0.0)) * arrays["weights"]
    sums = [likeness[:, a:b].sum(axis=1) for a, b in pairwise(arrays["starts"])]
    out: NDArray[np.float64] = np.stack(sums, axis=1) + arrays["offset"]
    return out
