"""Owner model: how one person's out-of-session deviates lie about the enrolment, and how far they depend on each other.

A session as a whole lies away from those enrolled by a *drift* of its own. How far an owner's enrolled sessions lie
apart, and how much evidence they made against the owner, says next to nothing about the next one (over fifteen people
the correlation was 0): so both are mostly those of all people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agent.engine.calibration import MOST_DEVIATE
from agent.engine.day_stretch import COHORT_SPREAD, OWN_SPREAD
from agent.engine.detectors import DETECTORS, WindowDetector
from enroll.excursions import ExcursionTail

Floats = NDArray[np.float64]

PRIOR_SESSIONS: Final = 20
# Weight of the pooled inflation beside the owner's own, in blocks: 4,000 actions (docs/choices.md).
PRIOR_BLOCKS: Final = 80

_BLOCK: Final = 50
# Variance of a session's mean times its length, were it always the same session.
_NOISE: Final = 3.0


@dataclass(frozen=True, slots=True)
class PooledDays:
    """What people's sessions are like by one kind of evidence, pooled over people (docs/choices.md).

    Attributes
    ----------
    drift : float
        Scale of session means around the enrolment, in standard deviations of one action.
    shift : float
        The departure that the sequential test is made for, in standard deviations of one action: a half to two thirds
        of the median intruder's under the same configuration. Half of it is what a session may lie off without
        anything adding up.
    inflation : float
        Variance of a mean of 50 actions times 50.
    excursions : ExcursionTail
        How often a session reaches how much evidence against its owner.
    """

    drift: float
    shift: float
    inflation: float
    excursions: ExcursionTail


# Balabit; for the differences and with a cohort Boğaziçi by days as well (docs/choices.md).
OWN_DAYS: Final = PooledDays(OWN_SPREAD.scale, 1.2, 8.0, ExcursionTail(13.4, 4.24))
DIFFERENCES_DAYS: Final = PooledDays(0.43, 1.8, 32.0, ExcursionTail(16.1, 1.89))
COHORT_DAYS: Final = PooledDays(COHORT_SPREAD.scale, 1.8, 32.0, ExcursionTail(13.9, 2.38))


@dataclass(frozen=True, slots=True)
class Owner:
    """What the limits of one person rest on.

    Attributes
    ----------
    drift : float
        Scale of session means, in standard deviations of one action.
    inflation : float
        Variance of a mean of 50 actions times 50: 1 were actions independent.
    hours : float
        Active hours that were seen.
    pooled : PooledDays
        Of all people, by the same kind of evidence.
    """

    drift: float
    inflation: float
    hours: float
    pooled: PooledDays


def owner_of(sessions: Sequence[Floats], active_s: float, detectors: Sequence[str] = ()) -> Owner:
    """Fit the model.

    Parameters
    ----------
    sessions : sequence of ndarray, shape (n_s,)
        Out-of-session deviates of each session, in order of time.
    active_s : float
        Seconds of active use in all of them.
    detectors : sequence of str
        Names of those that the deviates come from.
    """
    pooled = days_by(detectors)
    bounded = [np.clip(z, -MOST_DEVIATE, MOST_DEVIATE) for z in sessions]
    means = np.array([np.mean(z) for z in bounded])
    total = sum(map(len, bounded))
    seen = float(np.maximum(means**2 - _NOISE * len(bounded) / total, 0.0).sum())
    drift = np.sqrt((PRIOR_SESSIONS * pooled.drift**2 + seen) / (PRIOR_SESSIONS + len(bounded)))
    centred = np.concatenate([z - m for z, m in zip(bounded, means, strict=True)])
    hours = max(active_s / 3600.0, 1e-3)
    return Owner(float(drift), _inflation(centred, pooled.inflation), hours, pooled)


def days_by(detectors: Sequence[str]) -> PooledDays:
    """Days of all people, by the detectors that deviates come from."""
    known = [DETECTORS[name] for name in detectors if name in DETECTORS]
    if any(scorer.cohort for scorer in known):
        return COHORT_DAYS
    needs_background = [isinstance(scorer, WindowDetector) and scorer.background for scorer in known]
    return DIFFERENCES_DAYS if known and all(needs_background) else OWN_DAYS


def _inflation(centred: Floats, pooled: float) -> float:
    """The owner's own inflation, drawn to that of all people: a short enrolment hardly shows it."""
    blocks = centred[: len(centred) // _BLOCK * _BLOCK].reshape(-1, _BLOCK)
    seen = _BLOCK * float(np.sum(blocks.mean(axis=1) ** 2))
    return max(1.0, (seen + PRIOR_BLOCKS * pooled) / (len(blocks) + PRIOR_BLOCKS))
