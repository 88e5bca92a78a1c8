"""Exact Poisson test of asked against realised false locks: what so many hours show, and what they do not.

Garwood (1936), Biometrika 28: exact limits of a Poisson mean from the chi-squared distribution.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.stats import chi2, poisson

from enroll.protocols.people_auc import draws

LEVEL: Final = 0.05
# A rate is shown only where its upper bound is at most so many times what was asked.
MOST_TIMES_ASKED: Final = 3.0
HOURS_ASKED: Final = 40.0


@dataclass(frozen=True, slots=True)
class PersonCount:
    """False locks of one person.

    Attributes
    ----------
    person : str
    first_locks : int
        Logins with a false lock: the first lock after a proof.
    active_h : float
    """

    person: str
    first_locks: int
    active_h: float


def shown(people: Sequence[PersonCount], asked_per_40h: float) -> dict[str, Any]:
    """Whether the asked rate of first locks after a proof is shown.

    Returns
    -------
    dict
        ``first_locks active_hours per_40h p_value upper_bound_per_40h persons_ci95 shown``. Shown is the rate where the
        exact test does not reject what was asked (one-sided, 5 %) *and* its one-sided 95 % upper bound is at most three
        times that. The interval resamples people.
    """
    locks, hours = sum(p.first_locks for p in people), sum(p.active_h for p in people)
    if hours <= 0.0:
        return {"first_locks": locks, "active_hours": 0.0, "shown": False}
    expected = asked_per_40h * hours / HOURS_ASKED
    p_value = float(poisson.sf(locks - 1, expected))
    bound = upper_bound_per_40h(locks, hours)
    return {
        "first_locks": locks,
        "active_hours": round(hours, 3),
        "per_40h": round(locks * HOURS_ASKED / hours, 3),
        "p_value": round(p_value, 4),
        "upper_bound_per_40h": round(bound, 3),
        "persons_ci95": _over_people(people),
        "shown": p_value >= LEVEL and bound <= MOST_TIMES_ASKED * asked_per_40h,
    }


def upper_bound_per_40h(locks: int, hours: float) -> float:
    """One-sided exact 95 % upper bound of the rate per 40 active hours."""
    return float(chi2.ppf(1.0 - LEVEL, 2 * (locks + 1))) / 2.0 * HOURS_ASKED / hours


def _over_people(people: Sequence[PersonCount]) -> list[float]:
    locks = np.array([p.first_locks for p in people], np.float64)
    hours = np.array([p.active_h for p in people])
    rates = [float(w @ locks) * HOURS_ASKED / float(w @ hours) for w in draws(len(people)) if w @ hours > 0.0]
    low, high = np.percentile(rates, (2.5, 97.5))
    return [round(float(low), 3), round(float(high), 3)]
