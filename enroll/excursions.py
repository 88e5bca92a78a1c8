"""Excursions: how often sessions of owners reach how much evidence against them, pooled over people.

The highest statistic of a session is the limit at which it would have locked first. Over people's sessions, by models
that had not seen them, the rate at which these maxima lie above a limit falls exponentially (peaks over threshold:
Pickands 1975, Annals of Statistics 3(1), with tail index 0). So a limit for any asked rate follows from two numbers
that are pooled over people; what was compared with it is in docs/choices.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from agent.engine.calibration import Likelihood
from agent.engine.profile import Limits
from agent.engine.sequential_test import TrustState, step

Floats = NDArray[np.float64]

HOURS: Final = 40.0
# Maxima above it make the tail, natural log units.
THRESHOLD: Final = 2.0
# However many false locks are asked for: so much evidence is wanted.
LEAST_LIMIT: Final = 1.0

_NEVER: Final = Limits(math.inf, math.inf, 0.0, True)


@dataclass(frozen=True, slots=True)
class ExcursionTail:
    """Rate of sessions whose highest statistic lies above a limit.

    Attributes
    ----------
    per_40h : float
        Such sessions in 40 active hours, above `THRESHOLD`.
    mean_excess : float
        By how much their maxima lie above it, in the mean; natural log units.
    """

    per_40h: float
    mean_excess: float

    def limit(self, asked_per_40h: float) -> float:
        """The limit that so many sessions in 40 active hours reach."""
        return max(LEAST_LIMIT, THRESHOLD + self.mean_excess * math.log(self.per_40h / asked_per_40h))

    @classmethod
    def of(cls, maxima: Floats, hours: float) -> ExcursionTail:
        """Fit by maximum likelihood.

        Parameters
        ----------
        maxima : ndarray of float64, shape (n,)
            Highest statistic of each session, by a model that had not seen it.
        hours : float
            Active hours of all sessions.

        Raises
        ------
        ValueError
            If no maximum lies above `THRESHOLD`, or there are no hours.
        """
        above = maxima[maxima > THRESHOLD] - THRESHOLD
        if not len(above) or hours <= 0.0:
            raise ValueError(f"{len(above)} maxima above {THRESHOLD} in {hours} hours: no tail to fit")
        return cls(HOURS * len(above) / hours, float(above.mean()))


def highest_statistic(deviates: NDArray[np.floating[Any]], likelihood: Likelihood) -> float:
    """Highest statistic of a stream from the state after a login on, as if nothing locked.

    Parameters
    ----------
    deviates : ndarray of float, shape (n,)
        NaN where an action gives no evidence.
    likelihood : Likelihood
    """
    state, highest = TrustState(), 0.0
    for deviate in deviates[~np.isnan(deviates)].tolist():
        state = step(state, deviate, likelihood, 0, _NEVER)
        highest = max(highest, state.statistic)
    return highest
