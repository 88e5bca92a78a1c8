"""Kaplan-Meier estimator: share caught by a time, where some observations end before anybody is caught.

Kaplan & Meier (1958), Journal of the American Statistical Association 53(282).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def caught_share(times: Floats, is_caught: NDArray[np.bool_], at: Floats) -> Floats:
    """Estimated share caught within each of the times `at`.

    Parameters
    ----------
    times : ndarray of float64, shape (n,)
        Of the catch, or of the end of the observation.
    is_caught : ndarray of bool, shape (n,)
        False where the observation ended first (censored). An observation that ends in the moment of a catch is
        at risk of it.
    at : ndarray of float64, shape (m,)

    Returns
    -------
    ndarray of float64, shape (m,)
        One less the survivor function; NaN where nobody is at risk any more, unless all were caught.
    """
    event_times = np.unique(times[is_caught])
    risk = at_risk(times, event_times)
    events = np.array([np.count_nonzero(is_caught & (times == t)) for t in event_times], np.float64)
    survivors = np.concatenate(([1.0], np.cumprod(1.0 - events / np.maximum(risk, 1))))
    surviving = survivors[np.searchsorted(event_times, at, side="right")]
    unknown = (at_risk(times, at) == 0) & (surviving > 0.0)
    return np.where(unknown, np.nan, 1.0 - surviving)


def at_risk(times: Floats, at: Floats) -> NDArray[np.intp]:
    """How many observations are neither caught nor ended before each of the times `at`, shape (m,)."""
    return len(times) - np.searchsorted(np.sort(times), at, side="left")
