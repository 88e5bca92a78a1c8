"""What rates of false locks mean for many people, and what so many hours can say about them. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable

from enroll.metrics import rate_bound

HOURS_ASKED = 40.0


def per_week(false_locks_per_40h: float, people: float = 1_000.0, hours: float = 40.0) -> float:
    """False locks of so many people in a week of `hours` active hours each."""
    return false_locks_per_40h * people * hours / HOURS_ASKED


def most_per_40h(false_locks: int, active_hours: float) -> float:
    """Upper 95 % bound of the rate per 40 active hours (the rule of three where there was none)."""
    return rate_bound(false_locks, active_hours) * HOURS_ASKED


def interval_per_40h(false_locks: int, active_hours: float) -> tuple[float, float]:
    """Exact 95 % interval of the rate per 40 active hours (Garwood 1936): both tails have 2.5 %."""
    low = _crossing(lambda mean: 1.0 - _poisson_cdf(false_locks - 1, mean), false_locks)
    high = _crossing(lambda mean: 1.0 - _poisson_cdf(false_locks, mean), false_locks, 0.975)
    return low * HOURS_ASKED / active_hours, high * HOURS_ASKED / active_hours


def chance_of_so_many(false_locks: int, expected: float) -> float:
    """Chance of at least so many false locks where `expected` would be usual (Poisson)."""
    if false_locks <= 0:
        return 1.0
    if expected <= 0.0:
        return 0.0
    return min(1.0, max(0.0, 1.0 - _poisson_cdf(false_locks - 1, expected)))


def hours_needed(asked_per_40h: float) -> float:
    """Active hours without any false lock that it takes to show the asked rate (95 %)."""
    return 3.0 * HOURS_ASKED / asked_per_40h


def most_share(events: int, trials: int) -> float:
    """Upper 95 % bound of a share: exact (Clopper & Pearson, one-sided), about 3 / n for no event.

    Raises
    ------
    ValueError
        If there is no trial, or more events than trials.
    """
    if trials <= 0 or not 0 <= events <= trials:
        raise ValueError(f"{events} events in {trials} trials")
    if events == trials:
        return 1.0
    low, high = events / trials, 1.0
    for _ in range(60):
        middle = (low + high) / 2.0
        low, high = (middle, high) if _binomial_cdf(events, trials, middle) > 0.05 else (low, middle)
    return high


def precision(caught_share: float | None, intrusions: float, false_locks: float) -> float | None:
    """Share of locks that are right, with so many intrusions and false locks a week; None without locks."""
    if caught_share is None:
        return None
    right = caught_share * intrusions
    return right / (right + false_locks) if right + false_locks > 0.0 else None


def _crossing(rising: Callable[[float], float], events: int, chance: float = 0.025) -> float:
    """The mean at which a chance that rises with it passes `chance`."""
    low, high = 0.0, events + 10.0 * math.sqrt(events) + 10.0
    for _ in range(80):
        middle = (low + high) / 2.0
        low, high = (middle, high) if rising(middle) < chance else (low, middle)
    return (low + high) / 2.0 if events or chance > 0.5 else 0.0


def _poisson_cdf(k: int, mean: float) -> float:
    """Chance of at most `k` events where `mean` are expected."""
    if mean <= 0.0:
        return 1.0 if k >= 0 else 0.0
    return math.fsum(math.exp(i * math.log(mean) - mean - math.lgamma(i + 1)) for i in range(k + 1))


def _binomial_cdf(k: int, n: int, share: float) -> float:
    if share >= 1.0:
        return 0.0
    return math.fsum(
        math.exp(
            math.lgamma(n + 1)
            - math.lgamma(i + 1)
            - math.lgamma(n - i + 1)
            + (i * math.log(share) if i else 0.0)
            + (n - i) * math.log1p(-share)
        )
        for i in range(k + 1)
    )
