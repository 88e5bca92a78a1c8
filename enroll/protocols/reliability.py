"""Reliability of the posterior that alerts state: stated beside observed, on held-out streams, weighted to the prior.

Intrusions are as frequent in a protocol as somebody made them; so the observed share is not counted but put together:
the rate of false locks among the owners' hours, the share of intrusions that lock, and the prior. Intervals: exact
Poisson limits of the rate (Garwood 1936), exact binomial ones of the share (Clopper & Pearson 1934).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from scipy.stats import beta, chi2

from agent.config.schema import JudgementSettings
from agent.engine.posterior import belief
from agent.engine.profile import Limits

if TYPE_CHECKING:
    from enroll.protocols.stream_records import Genuine, Intrusion

LEAST_EVENTS: Final = 20
"""Fewer false locks, or fewer caught intrusions, give no figure."""
_LEVEL: Final = 0.05
_WEEK_H: Final = 40.0


@dataclass(frozen=True, slots=True)
class LockCounts:
    """What was counted at one asked rate.

    Attributes
    ----------
    false_locks : int
    active_h : float
        Of the owners.
    caught, intrusions : int
        Intrusions under the enrolled configuration that locked by behaviour, and all of them.
    """

    false_locks: int
    active_h: float
    caught: int
    intrusions: int


def lock_counts(genuine: Sequence[Genuine], intrusions: Sequence[Intrusion]) -> LockCounts:
    """What the sessions and intrusions of one asked rate show."""
    matched = [i for i in intrusions if i.is_matched]
    return LockCounts(
        false_locks=sum(g.false_locks for g in genuine),
        active_h=sum(g.active_s for g in genuine) / 3600.0,
        caught=sum(i.is_caught for i in matched),
        intrusions=len(matched),
    )


def reliability(
    counts_by_rate: Mapping[float, LockCounts],
    intrusions_per_1000h: float = JudgementSettings().intrusions_per_1000h,
) -> list[dict[str, Any]]:
    """For each asked rate the posterior that a lock states, and the one that the counts give.

    Parameters
    ----------
    counts_by_rate : mapping of float to LockCounts
        By asked false locks per 40 active hours.
    intrusions_per_1000h : float
        The prior.

    Returns
    -------
    list of dict
        ``asked_per_40h stated observed observed_ci95 false_locks active_hours caught intrusions``; ``observed`` and its
        interval are None where there are fewer than 20 events of a kind.
    """
    return [_bin(asked, counts, intrusions_per_1000h) for asked, counts in sorted(counts_by_rate.items())]


def _bin(asked: float, counts: LockCounts, per_1000h: float) -> dict[str, Any]:
    limits = Limits(alert=1.0, lock=2.0, asked_per_40h=asked, estimated=False)
    stated = belief(limits.lock, limits, asked, per_1000h)
    enough = min(counts.false_locks, counts.caught) >= LEAST_EVENTS and counts.active_h > 0.0
    return {
        "asked_per_40h": asked,
        "stated": None if stated is None else _rounded(stated.posterior),
        "observed": _rounded(_observed(counts, per_1000h)) if enough else None,
        "observed_ci95": [_rounded(end) for end in _interval(counts, per_1000h)] if enough else None,
        "false_locks": counts.false_locks,
        "active_hours": round(counts.active_h, 3),
        "caught": counts.caught,
        "intrusions": counts.intrusions,
    }


def _observed(counts: LockCounts, per_1000h: float) -> float:
    return _posterior(counts.caught / counts.intrusions, counts.false_locks / counts.active_h, per_1000h)


def _interval(counts: LockCounts, per_1000h: float) -> tuple[float, float]:
    """From the worse ends of both intervals to the better ones: wider than 95 % rather than narrower."""
    tail = _LEVEL / 2.0
    locks, caught, missed = counts.false_locks, counts.caught, counts.intrusions - counts.caught
    few = float(chi2.ppf(tail, 2 * locks)) / 2.0 / counts.active_h
    many = float(chi2.ppf(1.0 - tail, 2 * (locks + 1))) / 2.0 / counts.active_h
    least = float(beta.ppf(tail, caught, missed + 1))
    most = float(beta.ppf(1.0 - tail, caught + 1, missed)) if missed else 1.0
    return _posterior(least, many, per_1000h), _posterior(most, few, per_1000h)


def _posterior(caught_share: float, false_locks_per_h: float, per_1000h: float) -> float:
    """Bayes' rule for one hour."""
    by_owner = -math.expm1(-false_locks_per_h)
    prior = -math.expm1(-per_1000h / 1000.0)
    by_intruder = caught_share * prior
    return by_intruder / (by_intruder + by_owner * (1.0 - prior))


def _rounded(share: float) -> float:
    return float(f"{share:.3g}")
