"""Extra-trees detector: classifies the owner against the people of a cohort.

Source: Geurts, Ernst & Wehenkel 2006, Machine Learning 63. They see normal deviates; the score is the clipped log-odds
of the trees' mean share of the owner.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from agent.engine.detectors.trees import leaf_values

MOST: Final = 6.0

Arrays = Mapping[str, NDArray[Any]]


def fold_scores(arrays: Arrays, rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """Log-odds of being the owner, by the trees of each fold, within ±6.

    Parameters
    ----------
    arrays : mapping
        As `trees.leaf_values`; a leaf's value is the weighted share of the owner's actions in it.
    rows : ndarray of float32, shape (n, F)
        Normal deviates.

    Returns
    -------
    ndarray of float64, shape (n, folds)
    """
    share = shares(arrays, rows)
    least = 1.0 / (1.0 + np.exp(MOST))
    share = np.clip(share, least, 1.0 - least)
    odds: NDArray[np.float64] = np.log(share / (1.0 - share))
    return odds


def shares(arrays: Arrays, rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """The trees' mean share of the owner, shape (n, folds), 0 to 1."""
    mean_leaves: NDArray[np.float64] = leaf_values(arrays, rows).mean(axis=2)
    return mean_leaves
