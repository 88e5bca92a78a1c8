"""Fitting of `agent.engine.detectors.iforest`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import IsolationForest

from enroll.fit.trees import arrays_of

TREES: Final = 400
ROWS_OF_TREE: Final = 256

_EULER: Final = float(np.euler_gamma)


def fit(folds: Sequence[NDArray[np.float32]], *, seed: int = 0) -> dict[str, NDArray[Any]]:
    """About 400 trees, for each fold its share, grown without the fold.

    Parameters
    ----------
    folds : sequence of ndarray of float32, shape (n_s, d)
        The enrolment's whitened rows, fold after fold.
    seed : int

    Returns
    -------
    dict
        ``feature``, ``threshold``, ``right``, ``value``, ``roots``, ``depth``.
    """
    forests = [
        isolation(np.concatenate([f for i, f in enumerate(folds) if i != s]), len(folds), seed + s)
        for s in range(len(folds))
    ]
    usual = usual_path(np.array([min(f.max_samples_ for f in forests)]))[0]
    columns = [forest.estimators_features_ for forest in forests]
    return arrays_of(forests, lambda tree: path_lengths(tree) / usual, columns)


def isolation(rows: NDArray[np.float32], folds: int, seed: int) -> IsolationForest:
    """The forest of one fold."""
    trees = max(1, round(TREES / folds))
    return IsolationForest(
        n_estimators=trees, max_samples=min(ROWS_OF_TREE, len(rows)), random_state=seed
    ).fit(rows)


def path_lengths(tree: Any) -> NDArray[np.float64]:
    """Steps from the root to each node, and what the node's own actions would add."""
    depth = np.zeros(tree.node_count)
    for node in range(tree.node_count):
        for child in (tree.children_left[node], tree.children_right[node]):
            if child >= 0:
                depth[child] = depth[node] + 1
    return depth + usual_path(tree.n_node_samples)


def usual_path(actions: NDArray[Any]) -> NDArray[np.float64]:
    """Mean path that isolates one of so many (Liu, Ting & Zhou 2008, equation 1)."""
    n = np.maximum(actions.astype(np.float64), 2.0)
    path = 2.0 * (np.log(n - 1.0) + _EULER) - 2.0 * (n - 1.0) / n
    return np.where(actions <= 1, 0.0, np.where(actions == 2, 1.0, path))
