"""Score calibration: out-of-session ranks, normal deviates, log-likelihood ratios.

A score becomes the share of the owner's own scores that are no higher, each of these made by a model that had
not seen the session it comes from; and the same models, each without one fold, score the new action (CV+:
Barber, Candès, Ramdas & Tibshirani 2021, Annals of Statistics 49(1)). So what is deployed is as strong as
what was calibrated, and the shares stay uniform for the owner. Their normal deviates are standard normal for
the owner.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]
# No single action says more than this, in either direction.
MOST_DEVIATE: Final = 5.0
# One deviate or many.
_N = TypeVar("_N", float, NDArray[np.floating[Any]])


@dataclass(frozen=True, slots=True)
class Likelihood:
    """Likelihood model that turns a deviate into evidence.

    Attributes
    ----------
    shift : float
        By how many standard deviations an intruder's deviates are taken to lie below the owner's, above 0.
    share : float
        Weight of one action's evidence, 0 to 1: successive actions are correlated.
    most_deviate : float
        A deviate counts as so much at most, in either direction: no single action says more.
    highest_level : float
        Highest level of a session that deviates are held against (`agent.engine.sequential_test`).
    """

    shift: float
    share: float
    most_deviate: float = MOST_DEVIATE
    highest_level: float = 0.3

    def llr(self, deviate: _N) -> _N:
        """Log-likelihood ratio of N(0, 1) to N(-shift, 1), times `share`; positive for the user."""
        return self.share * self.shift * (deviate + self.shift / 2.0)

    @classmethod
    def of_array(cls, numbers: NDArray[np.floating[Any]]) -> Likelihood:
        """From a profile's array, which in older ones holds `shift` and `share` alone."""
        return cls(*numbers.tolist())

    def to_array(self) -> NDArray[np.float64]:
        """For a profile, as `of_array` reads it."""
        return np.array([self.shift, self.share, self.most_deviate, self.highest_level])


def deviates(arrays: Arrays, fold_scores: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Calibrated scores of actions.

    Parameters
    ----------
    arrays : mapping
        ``scores``: the owner's out-of-session scores, ascending within each fold; ``starts`` (folds + 1,).
    fold_scores : ndarray of float, shape (n, folds)
        Scores by the models without each fold.

    Returns
    -------
    ndarray of float64, shape (n,)
        Standard normal for the owner, lower for others.

    Raises
    ------
    ValueError
        If the number of folds differs.
    """
    starts = arrays["starts"]
    if fold_scores.ndim != 2 or fold_scores.shape[1] != len(starts) - 1:
        raise ValueError(f"fold_scores: shape {fold_scores.shape}, not (n, {len(starts) - 1})")
    rank = np.zeros(len(fold_scores))
    for s in range(len(starts) - 1):
        own = arrays["scores"][starts[s] : starts[s + 1]]
        rank += np.searchsorted(own, fold_scores[:, s], side="left")
        rank += np.searchsorted(own, fold_scores[:, s], side="right")
    shares = (rank / 2.0 + 0.5) / (int(starts[-1]) + 1)
    return normal_deviates(shares)


def normal_deviates(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """The standard normal quantiles of shares; 0 and 1 are taken as 1e-9 and 1 - 1e-9."""
    quantile = NormalDist().inv_cdf
    flat = np.clip(shares, 1e-9, 1.0 - 1e-9).ravel()
    return np.array([quantile(p) for p in flat.tolist()], np.float64).reshape(shares.shape)
