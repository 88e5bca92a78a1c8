"""ROC and DET curves with bootstrap bands, and histograms of scores. Pure functions of scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

from enroll.metrics import bootstrap_draws, error_curve

Floats = NDArray[np.float64]

# Even on a DET curve's axes, and fine enough for those of the ROC.
GRID: Final = np.array([NormalDist().cdf(z) for z in np.linspace(-3.3, 3.3, 133)])


@dataclass(frozen=True, slots=True, eq=False)
class BandedCurve:
    """FRR over FAR, with its 95 % band at each FAR.

    Attributes
    ----------
    far, frr, low, high : ndarray of float64, shape (n,)
        FAR ascending, FRR not rising. `low` and `high` are percentiles over resampled accounts and sessions.
    impostors, genuine : int
        How many scores it rests on.
    """

    far: Floats
    frr: Floats
    low: Floats
    high: Floats
    impostors: int
    genuine: int


def frr_at(impostor: Floats, genuine: Floats, fars: Floats) -> Floats:
    """The lowest FRR whose FAR is at most each of `fars`, ascending; nothing is interpolated."""
    curve = error_curve(impostor, genuine)
    # FAR falls along the curve: the first threshold at which it is at most the one asked for.
    first = np.searchsorted(-curve.far, -fars, side="left")
    return curve.frr[first]


def banded_curve(scores: dict[str, tuple[Floats, Floats]], *, draws: int = 1_000) -> BandedCurve:
    """The curve of all accounts pooled, and its band.

    Parameters
    ----------
    scores : dict of str to (impostor, genuine)
        Scores of the sessions of each account.
    draws : int
        Resamplings of accounts, then sessions.

    Raises
    ------
    ValueError
        If there is no score of one class.
    """
    bad = np.concatenate([s[0] for s in scores.values()])
    good = np.concatenate([s[1] for s in scores.values()])
    drawn = np.array([frr_at(b, g, GRID) for b, g in bootstrap_draws(scores, draws=draws)])
    low, high = np.percentile(drawn, (2.5, 97.5), axis=0)
    return BandedCurve(GRID, frr_at(bad, good, GRID), low, high, len(bad), len(good))


def histogram(
    impostor: Floats, genuine: Floats, bins: int = 24
) -> tuple[Floats, Sequence[float], Sequence[float]]:
    """Shares of each class in bins of the same width over both.

    Returns
    -------
    edges : ndarray, shape (bins + 1,)
    impostor, genuine : sequence of float
        Shares, each adding up to 1.
    """
    low, high = float(min(impostor.min(), genuine.min())), float(max(impostor.max(), genuine.max()))
    if low == high:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, bins + 1)
    return edges, *((np.histogram(scores, edges)[0] / len(scores)).tolist() for scores in (impostor, genuine))
