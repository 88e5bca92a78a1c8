"""Decision trees as plain arrays, all of them walked at once.

The nodes of all trees lie one after the other, each tree in preorder: the left child of a node is the next one. A leaf
has the lowest threshold and itself as right child, so that whoever has arrived stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]

LOWEST: Final = float(np.finfo(np.float32).min)

_BLOCK: Final = 128


def leaf_values(arrays: Arrays, rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """What each tree says of each row.

    Parameters
    ----------
    arrays : mapping
        ``feature`` (N,) int16, ``threshold`` (N,) float32, ``right`` (N,) int32, ``value`` (N,) float64: the nodes;
        ``roots`` (folds, trees) int32; ``depth`` (): most steps from a root to a leaf.
    rows : ndarray of float32, shape (n, d)
        Above the lowest float32.

    Returns
    -------
    ndarray of float64, shape (n, folds, trees)
    """
    out = np.empty((len(rows), *arrays["roots"].shape))
    for first in range(0, len(rows), _BLOCK):
        block = rows[first : first + _BLOCK]
        out[first : first + len(block)] = arrays["value"][_leaves(arrays, block)]
    return out


def _leaves(arrays: Arrays, rows: NDArray[np.float32]) -> NDArray[np.int32]:
    """The node where each row ends in each tree, (n, folds, trees)."""
    feature, threshold, right = arrays["feature"], arrays["threshold"], arrays["right"]
    roots = arrays["roots"].ravel()
    at = np.tile(roots, len(rows))
    flat = rows.ravel()
    offset = np.repeat(np.arange(len(rows)) * rows.shape[1], len(roots))
    for _ in range(int(arrays["depth"])):
        goes_left = flat.take(offset + feature.take(at)) <= threshold.take(at)
        at = np.where(goes_left, at + 1, right.take(at))
    return at.reshape(len(rows), *arrays["roots"].shape)
