"""Posterior: how probable it is that somebody else is at the mouse when the agent alerts.

The statistic of a sequential test is no log-likelihood ratio of owner against intruder: it is the largest of many, and
it is above the limit whenever there is an alert. What is known of it is how often the owner's own use reaches it: the
limits were set for that, on sessions that the model had not seen. So the evidence of an alert is the ratio of two
chances within one hour of mouse use: that an intrusion makes the statistic reach what it reached (taken as 1, which
makes the ratio an upper bound), and that the owner's use does. Bayes' rule with the prior that policy states gives the
posterior. Pure.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from agent.engine.profile import Limits

_HOURS: float = 40.0


@dataclass(frozen=True, slots=True)
class Belief:
    """The three figures of Bayes' rule for one alert.

    Attributes
    ----------
    likelihood_ratio : float
        How many times likelier the evidence is within an hour of an intrusion than within an hour of the owner's use.
    prior : float
        Probability that an intrusion begins within an hour of mouse use.
    posterior : float
        Probability that this is one.
    """

    likelihood_ratio: float
    prior: float
    posterior: float


def belief(
    statistic: float, limits: Limits, false_alerts_per_40h: float, intrusions_per_1000h: float
) -> Belief | None:
    """The figures for an alert at `statistic`; None while the profile's error rates are estimated and not observed.

    Parameters
    ----------
    statistic : float
        Evidence against the user, natural log units, at least the alert limit.
    limits : Limits
        The profile's; its lock limit is reached `asked_per_40h` times per 40 hours of the owner's use.
    false_alerts_per_40h : float
        How often the alert limit is.
    intrusions_per_1000h : float
        Per 1,000 hours of mouse use, above 0.
    """
    if limits.estimated:
        return None
    by_owner = -math.expm1(-_false_rate_per_h(statistic, limits, false_alerts_per_40h))
    prior = -math.expm1(-intrusions_per_1000h / 1000.0)
    ratio = 1.0 / by_owner
    odds = ratio * prior / (1.0 - prior)
    return Belief(ratio, prior, odds / (1.0 + odds))


def _false_rate_per_h(statistic: float, limits: Limits, false_alerts_per_40h: float) -> float:
    """How often an hour of the owner's use reaches `statistic`.

    Between the two limits, whose rates are known, the logarithm of the rate falls in a straight line, as that of a
    CUSUM's excursions does (Siegmund 1985, Sequential Analysis, chapter 2).
    """
    at_lock = limits.asked_per_40h / _HOURS
    at_alert = max(false_alerts_per_40h / _HOURS, at_lock)
    if limits.lock <= limits.alert:
        return at_lock
    way = min(max((statistic - limits.alert) / (limits.lock - limits.alert), 0.0), 1.0)
    return float(at_alert ** (1.0 - way) * at_lock**way)
