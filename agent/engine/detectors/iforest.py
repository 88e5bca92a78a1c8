"""Isolation-forest detector: mean path length at which random cuts isolate an action.

Source: isolation forest (Liu, Ting & Zhou 2008, ICDM), on whitened rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.engine.detectors.trees import leaf_values

Arrays = Mapping[str, NDArray[Any]]


def fold_scores(arrays: Arrays, rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """The negated anomaly score -2^(-mean path / usual path), by the trees of each fold.

    Parameters
    ----------
    arrays : mapping
        As `trees.leaf_values`; a leaf's value is the length of the path to it, with what its own actions would add,
        divided by the usual path.
    rows : ndarray of float32, shape (n, d)
        Whitened rows.

    Returns
    -------
    ndarray of float64, shape (n, folds)
        -1 to 0.
    """
    scores: NDArray[np.float64] = -np.exp2(-leaf_values(arrays, rows).mean(axis=2))
    return scores
