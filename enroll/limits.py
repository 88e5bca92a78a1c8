"""Limits of the sequential test for the asked rates: from how often people's sessions reach how much evidence.

What one person's enrolled sessions show of the next one's evidence is next to nothing (`enroll.owner`); what all
people's sessions show is a steady tail (`enroll.excursions`). So the limit is that of all people, in units in which
the dependence of the person's own actions is accounted for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from agent.config.schema import JudgementSettings
from agent.engine.calibration import Likelihood
from agent.engine.profile import Limits
from enroll.owner import Owner

Floats = NDArray[np.float64]

# No action says more, and no good minutes make the rest of a day look bad beside them (docs/choices.md).
MOST_DEVIATE: Final = 2.5
HIGHEST_LEVEL: Final = 0.0

_MOST_ALERT: Final = 0.8


def choose(owner: Owner, asked: Sequence[JudgementSettings]) -> tuple[Likelihood, tuple[Limits, ...]]:
    """Choose the likelihood model, and the limits for each asked rate, in natural log units.

    Parameters
    ----------
    owner : Owner
    asked : sequence of JudgementSettings
        First false locks of a session, and first false alerts, per 40 active hours.
    """
    limits = []
    for rate in asked:
        lock = owner.pooled.excursions.limit(rate.false_locks_per_40h)
        alert = owner.pooled.excursions.limit(rate.false_alerts_per_40h)
        estimated = not supported(owner.hours, rate.false_locks_per_40h)
        limits.append(
            Limits(min(alert, _MOST_ALERT * lock), lock, float(rate.false_locks_per_40h), estimated)
        )
    return likelihood_of(owner), tuple(limits)


def likelihood_of(owner: Owner) -> Likelihood:
    """The likelihood model of one person."""
    return Likelihood(owner.pooled.shift, 1.0 / owner.inflation, MOST_DEVIATE, HIGHEST_LEVEL)


def supported(hours: float, asked_per_40h: float) -> bool:
    """True if `hours` without a false lock bound the rate at `asked_per_40h` (rule of three, 95 %)."""
    return 3.0 * 40.0 / hours <= asked_per_40h


def uniformity(deviates: Floats) -> float:
    """Kolmogorov-Smirnov distance of the deviates' p-values from uniform, 0 to 1."""
    shares = np.sort(ndtr(deviates))
    steps = np.arange(len(shares) + 1) / len(shares)
    return float(max((shares - steps[:-1]).max(), (steps[1:] - shares).max()))
