"""Stretches of actions, and the pooled spread of days that they are compared with."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from agent.engine.calibration import MOST_DEVIATE

Vector = NDArray[np.floating[Any]]

# Variance of a mean times its actions, were the day always the same; and one-sided 95 % of a normal distribution.
_NOISE: Final = 3.0
_QUANTILE: Final = 1.65


@dataclass(frozen=True, slots=True)
class DaySpread:
    """Pooled spread of days: how far whole sessions of owners lie from their enrolment.

    Attributes
    ----------
    scale : float
        Of the distribution of session means, in standard deviations of one action.
    farthest : float
        The farthest mean seen.
    """

    scale: float
    farthest: float

    def lowest_mean(self, actions: int, *, after_finding: bool) -> float:
        """Lowest mean of so many deviates that still agrees with the enrolment.

        A proof that answers a finding makes an odd day of the owner likelier than somebody else: then any day that
        was ever seen agrees.
        """
        if after_finding:
            return -self.farthest
        return -_QUANTILE * math.sqrt(self.scale**2 + _NOISE / actions)


OWN_SPREAD: Final = DaySpread(0.3, 1.4)
COHORT_SPREAD: Final = DaySpread(0.6, 2.1)


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Sums over a stretch of actions.

    Attributes
    ----------
    actions : int
    total : float
        Sum of their bounded deviates.
    windows : int
        Actions that ended a whole window.
    vector_total : ndarray of float64, shape (v,), or None
        Sum of these windows' vectors.
    """

    actions: int = 0
    total: float = 0.0
    windows: int = 0
    vector_total: Vector | None = None

    def plus(self, deviate: float, vector: Vector | None) -> Stretch:
        """The stretch with one more action."""
        total = self.total + min(max(deviate, -MOST_DEVIATE), MOST_DEVIATE)
        if vector is None:
            return replace(self, actions=self.actions + 1, total=total)
        vectors = vector if self.vector_total is None else self.vector_total + vector
        return Stretch(self.actions + 1, total, self.windows + 1, vectors)

    @property
    def mean(self) -> float:
        """Mean deviate; 0 without actions."""
        return self.total / self.actions if self.actions else 0.0

    @property
    def mean_vector(self) -> Vector | None:
        """Mean window vector; None without whole windows."""
        return None if self.vector_total is None else self.vector_total / self.windows
