"""How much the device alone gives away: the interval rule, and a score that sees nothing else."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_EDGES_S: Final = np.concatenate(([0.0], np.geomspace(0.001, 0.3, 41)))
_FACTOR: Final = 2.0


def matched(first_intervals_s: Floats, second_intervals_s: Floats) -> bool:
    """Whether two recordings report at similar rates: the medians of their intervals differ by less than a
    factor 2.

    Parameters
    ----------
    first_intervals_s, second_intervals_s : ndarray of float64
        Intervals under 0.3 s between consecutive moves, s. Without any, nothing is matched.
    """
    if not len(first_intervals_s) or not len(second_intervals_s):
        return False
    low, high = sorted((float(np.median(first_intervals_s)), float(np.median(second_intervals_s))))
    return high < _FACTOR * low


def device_score(enrolled: Floats, tested: Floats) -> float:
    """Likeness of two histograms of intervals, 0 to 1 (Bhattacharyya coefficient); 0 without intervals."""
    return float(np.sqrt(_shares(enrolled) * _shares(tested)).sum())


def _shares(intervals_s: Floats) -> Floats:
    counts = np.histogram(intervals_s, _EDGES_S)[0].astype(np.float64)
    return counts / max(1.0, float(counts.sum()))
