"""Feature transform: Gaussianise each feature by the user's quantiles, then whiten.

A value becomes the normal deviate of its rank among the owner's own values, clipped at ±3, so that every
feature counts alike whatever its unit or tail; an undefined one becomes 0, the owner's median. Principal
components of these, each divided by its spread, then take out what the features share.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

CLIP: Final = 3.0

Arrays = Mapping[str, NDArray[Any]]


def gaussianise(arrays: Arrays, rows: NDArray[np.float64]) -> NDArray[np.float32]:
    """Normal deviates of the values' ranks among the owner's.

    Parameters
    ----------
    arrays : mapping
        ``knots`` (F, Q): values of each feature, ascending; ``deviates`` (F, Q): the deviate at each.
    rows : ndarray of float64, shape (n, F)
        NaN where undefined.

    Returns
    -------
    ndarray of float32, shape (n, F)
        Within ±3; 0 where undefined.

    Raises
    ------
    ValueError
        If the rows have another number of columns.
    """
    knots, deviates = arrays["knots"], arrays["deviates"]
    if rows.ndim != 2 or rows.shape[1] != len(knots):
        raise ValueError(f"rows: shape {rows.shape}, not (n, {len(knots)})")
    if len(rows) == 1:
        out = _interpolated(rows[0], knots, deviates).astype(np.float32)[None]
    else:
        out = np.empty(rows.shape, np.float32)
        for j in range(len(knots)):
            out[:, j] = np.interp(rows[:, j], knots[j], deviates[j])
    out[np.isnan(out)] = 0.0
    return out


def whiten(arrays: Arrays, gaussian: NDArray[np.float32]) -> NDArray[np.float32]:
    """Components with unit spread and no correlation among the owner's actions.

    Parameters
    ----------
    arrays : mapping
        ``mean`` (F,) and ``components`` (F, d), each component divided by its spread.
    gaussian : ndarray of float32, shape (n, F)
        From `gaussianise`.

    Returns
    -------
    ndarray of float32, shape (n, d)
    """
    moved: NDArray[np.float32] = (gaussian - arrays["mean"]) @ arrays["components"]
    return moved


def _interpolated(
    measured: NDArray[np.float64], knots: NDArray[np.floating[Any]], deviates: NDArray[np.floating[Any]]
) -> NDArray[np.float64]:
    """What `numpy.interp` gives, to the bit, for one value of each feature: all features at once.

    The agent judges one action at a time, and a call for each feature is most of the cost of a judgement.
    """
    every, last = np.arange(len(knots)), knots.shape[1] - 1
    # Summed as narrow numbers: `count_nonzero` widens each truth value first, which takes twice as long.
    below = np.add.reduce((knots <= measured[:, None]).view(np.uint8), axis=1, dtype=np.int32) - 1
    at = np.clip(below, 0, max(last - 1, 0))
    x, y = (a[every, at].astype(np.float64) for a in (knots, deviates))
    x_next, y_next = (a[every, np.minimum(at + 1, last)].astype(np.float64) for a in (knots, deviates))
    inside = (below >= 0) & (below < last)
    width, over = np.where(inside, x_next - x, 1.0), np.where(inside, measured - x, 0.0)
    between = (y_next - y) / width * over + y
    ends = np.where(below < 0, deviates[:, 0], deviates[:, last])
    return np.where(np.isnan(measured), np.nan, np.where(inside, between, ends))
