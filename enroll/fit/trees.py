"""scikit-learn's trees as the arrays that `agent.engine.detectors.trees` walks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.engine.detectors.trees import LOWEST

Floats = NDArray[np.float64]


def arrays_of(
    forests: Sequence[Any], leaf_of: Callable[[Any], Floats], columns: Sequence[Sequence[Any]] | None = None
) -> dict[str, NDArray[Any]]:
    """Plain arrays of one forest a fold, all with as many trees.

    Parameters
    ----------
    forests : sequence of fitted forests
        With ``estimators_``, whose ``tree_`` holds the nodes in preorder.
    leaf_of : callable
        A ``tree_`` to the value of each of its nodes; only the leaves' are used.
    columns : sequence, optional
        For each forest, for each of its trees, the columns that the tree was shown; None where all were.

    Returns
    -------
    dict
        As `agent.engine.detectors.trees.leaf_values` takes them.
    """
    trees = [estimator.tree_ for forest in forests for estimator in forest.estimators_]
    shown = [c for names in columns for c in names] if columns else [None] * len(trees)
    starts = np.cumsum([0, *(tree.node_count for tree in trees)])
    parts = [_nodes(tree, int(start), seen) for tree, start, seen in zip(trees, starts, shown, strict=False)]
    arrays = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    arrays["value"] = np.concatenate([np.where(_is_leaf(tree), leaf_of(tree), 0.0) for tree in trees])
    arrays["roots"] = starts[:-1].reshape(len(forests), -1).astype(np.int32)
    arrays["depth"] = np.array(max(tree.max_depth for tree in trees), np.int32)
    return arrays


def _is_leaf(tree: Any) -> NDArray[np.bool_]:
    leaves: NDArray[np.bool_] = tree.children_left < 0
    return leaves


def _nodes(tree: Any, start: int, shown: Any) -> dict[str, NDArray[Any]]:
    leaf, here = _is_leaf(tree), np.arange(tree.node_count)
    if not np.array_equal(tree.children_left[~leaf], here[~leaf] + 1):
        raise ValueError("the nodes are not in preorder")
    feature = np.where(leaf, 0, tree.feature)
    return {
        "feature": (feature if shown is None else np.asarray(shown)[feature]).astype(np.int16),
        "threshold": np.where(leaf, np.float32(LOWEST), _rounded_down(tree.threshold)),
        "right": (start + np.where(leaf, here, tree.children_right)).astype(np.int32),
    }


def _rounded_down(threshold: Floats) -> NDArray[np.float32]:
    """The highest float32 that is no higher: a float32 is above the one exactly where it is above the other."""
    near = threshold.astype(np.float32)
    return np.where(near > threshold, np.nextafter(near, np.float32(-np.inf)), near)
