"""Quantile mapping between mouse configurations, learnt from other people.

Whatever a configuration does to a feature, it does to everybody's: a value becomes the normal deviate of its rank
among what other people did under its configuration, and a deviate becomes the value of that rank under another.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

CLIP: Final = 3.0
LEAST_VALUES: Final = 20

Floats = NDArray[np.float64]


def deviates_among(known: Floats, measured: Floats) -> Floats:
    """Normal deviates of the values' ranks among known ones, within ±3; equal ones share the middle of their ranks.

    Parameters
    ----------
    known : ndarray, shape (n,)
        Ascending, at least one.
    measured : ndarray, shape (m,)
    """
    below, up_to = (np.searchsorted(known, measured, side=side) for side in ("left", "right"))
    deviates: Floats = np.clip(ndtri((below + up_to + 1.0) / (2.0 * len(known) + 2.0)), -CLIP, CLIP)
    return deviates


def values_at(known: Floats, deviates: Floats) -> Floats:
    """The values that stand at these deviates among known ones: what `deviates_among` undoes.

    Parameters
    ----------
    known : ndarray, shape (n,)
        Ascending, at least one.
    deviates : ndarray, shape (m,)
    """
    at = ndtr(deviates) * (len(known) + 1.0) - 1.0
    quantiles: Floats = np.interp(at, np.arange(len(known)), known)
    return quantiles


def carried(
    knots: Floats, deviates: Floats, old: Floats, new: Floats, *, least: float = 0.0
) -> tuple[Floats, Floats]:
    """The owner's quantiles of each feature under the old configuration as they would be under the new one.

    Parameters
    ----------
    knots, deviates : ndarray, shape (F, Q)
        Values of each feature, ascending, and the owner's deviate at each (`agent.engine.transform`).
    old, new : ndarray, shape (n, F) and (k, F)
        What other people did under each configuration; NaN where undefined.
    least : float
        A feature is carried over only if its distributions under both lie so far apart (Kolmogorov-Smirnov distance).

    Returns
    -------
    tuple of ndarray, shape (F, Q)
        Both as they were for a feature that stays, and where either configuration shows fewer than 20 values.
    """
    moved_knots, levels = knots.copy(), deviates.copy()
    for j in range(len(moved_knots)):
        before, after = (np.sort(column[~np.isnan(column)]) for column in (old[:, j], new[:, j]))
        if min(len(before), len(after)) < LEAST_VALUES or _distance(before, after) < least:
            continue
        moved_knots[j], levels[j] = _merged(
            values_at(after, deviates_among(before, moved_knots[j])), levels[j]
        )
    return moved_knots, levels


def _distance(first: Floats, second: Floats) -> float:
    """Kolmogorov-Smirnov distance of two ascending samples."""
    everywhere = np.concatenate((first, second))
    shares = [np.searchsorted(sample, everywhere, side="right") / len(sample) for sample in (first, second)]
    return float(np.abs(shares[0] - shares[1]).max())


def _merged(knots: Floats, deviates: Floats) -> tuple[Floats, Floats]:
    """Values that fell together stand once, at the middle of their deviates; the last one fills the row up."""
    distinct, which = np.unique(knots, return_inverse=True)
    middle = np.bincount(which, deviates) / np.bincount(which)
    missing = len(knots) - len(distinct)
    return np.pad(distinct, (0, missing), mode="edge"), np.pad(middle, (0, missing), mode="edge")
