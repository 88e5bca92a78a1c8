"""Fitting of `agent.engine.detectors.forest`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier

from enroll.fit.trees import arrays_of

TREES: Final = 400
LEAST_IN_LEAF: Final = 3
SHARE_OF_FEATURES: Final = 0.3
# What one tree is shown: trees that see less differ more, are smaller and sooner made.
SHARE_OF_ROWS: Final = 0.15
LEAST_SHOWN: Final = 1_000

Rows = NDArray[np.float32]


def fit(folds: Sequence[Rows], cohort: Rows, *, seed: int = 0) -> dict[str, NDArray[Any]]:
    """About 400 trees, for each fold its share, grown without the fold.

    Parameters
    ----------
    folds : sequence of ndarray of float32, shape (n_s, F)
        The enrolment's normal deviates, fold after fold.
    cohort : ndarray of float32, shape (m, F)
        Other people's.
    seed : int

    Returns
    -------
    dict
        ``feature``, ``threshold``, ``right``, ``value``, ``roots``, ``depth``.
    """
    trees = max(1, round(TREES / len(folds)))
    forests = [
        classifier(np.concatenate([f for i, f in enumerate(folds) if i != s]), cohort, trees, seed + s)
        for s in range(len(folds))
    ]
    return arrays_of(forests, lambda tree: tree.value[:, 0, 1] / tree.value[:, 0, :].sum(axis=1))


def classifier(own: Rows, cohort: Rows, trees: int, seed: int) -> ExtraTreesClassifier:
    """The forest of one fold, owner against cohort, both with the same weight."""
    rows = np.concatenate((cohort, own))
    shown = min(1.0, max(SHARE_OF_ROWS, LEAST_SHOWN / len(rows)))
    forest = ExtraTreesClassifier(
        trees,
        min_samples_leaf=LEAST_IN_LEAF,
        max_features=SHARE_OF_FEATURES,
        class_weight="balanced",
        bootstrap=True,
        max_samples=shown,
        random_state=seed,
    )
    return forest.fit(rows, np.repeat([0, 1], [len(cohort), len(own)]))
