"""Verification metrics after ISO/IEC 19795-1: pure functions of impostor and genuine scores.

Everywhere `impostor` comes first and `genuine` second; both are finite scores, higher = more genuine, and a
score is accepted where it is at least the threshold. A tie between the classes counts half in the AUC.

References
----------
ISO/IEC 19795-1:2021, Biometric performance testing and reporting.
Brümmer & du Preez (2006), Application-independent evaluation of speaker detection, Computer Speech & Language 20.
Martin et al. (1997), The DET curve in assessment of detection task performance, Eurospeech.
Hanley & Lippman-Hand (1983), If nothing goes wrong, is everything all right?, JAMA 249(13).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ErrorCurve:
    """FAR and FRR at every distinct threshold.

    Attributes
    ----------
    thresholds : ndarray of float64, shape (k + 1,)
        Ascending: the distinct scores, then the next number above the highest ("reject all").
    far, frr : ndarray of float64, shape (k + 1,)
        False acceptance rate (falling from 1 to 0) and false rejection rate (rising from 0 to 1).
    """

    thresholds: Floats
    far: Floats
    frr: Floats


@dataclass(frozen=True, slots=True)
class Interval:
    """95 % interval."""

    low: float
    high: float


def far(impostor: Floats, threshold: float) -> float:
    """Share of impostor scores that are accepted."""
    return float(np.mean(_checked("impostor", impostor) >= threshold))


def frr(genuine: Floats, threshold: float) -> float:
    """Share of genuine scores that are rejected."""
    return float(np.mean(_checked("genuine", genuine) < threshold))


def error_curve(impostor: Floats, genuine: Floats) -> ErrorCurve:
    """FAR and FRR over all thresholds: the ROC and, on normal deviate axes, the DET curve.

    Raises
    ------
    ValueError
        If a set is empty or a score is not finite.
    """
    bad, good = np.sort(_checked("impostor", impostor)), np.sort(_checked("genuine", genuine))
    distinct = np.unique(np.concatenate((bad, good)))
    thresholds = np.append(distinct, np.nextafter(distinct[-1], np.inf))
    far_at = 1.0 - np.searchsorted(bad, thresholds, side="left") / len(bad)
    frr_at = np.searchsorted(good, thresholds, side="left") / len(good)
    return ErrorCurve(thresholds, far_at, frr_at)


def auc(impostor: Floats, genuine: Floats) -> float:
    """Area under the ROC: the chance that a genuine score beats an impostor's, ties counting half.

    Raises
    ------
    ValueError
        As `error_curve`.
    """
    bad, good = np.sort(_checked("impostor", impostor)), _checked("genuine", genuine)
    below = np.searchsorted(bad, good, side="left")
    up_to = np.searchsorted(bad, good, side="right")
    return float(np.mean(below + up_to) / 2.0 / len(bad))


def eer(impostor: Floats, genuine: Floats) -> float:
    """Equal error rate: where the ROC, its points joined by straight lines, meets FAR = FRR.

    Raises
    ------
    ValueError
        As `error_curve`.
    """
    curve = error_curve(impostor, genuine)
    gap = curve.frr - curve.far
    at = int(np.argmax(gap >= 0.0))
    if at == 0:
        return float(curve.frr[0])
    share = -gap[at - 1] / (gap[at] - gap[at - 1])
    return float(curve.frr[at - 1] + share * (curve.frr[at] - curve.frr[at - 1]))


def frr_at_far(impostor: Floats, genuine: Floats, most_far: float) -> float:
    """The lowest FRR whose FAR is at most `most_far`; nothing is interpolated.

    Raises
    ------
    ValueError
        As `error_curve`, or if `most_far` is not between 0 and 1.
    """
    if not 0.0 <= most_far <= 1.0:
        raise ValueError(f"most_far {most_far} is not between 0 and 1")
    curve = error_curve(impostor, genuine)
    return float(curve.frr[np.argmax(curve.far <= most_far)])


def llr_cost(llrs: Floats, *, genuine: bool) -> float:
    """Mean cost of log-likelihood ratios (natural, positive for genuine) in bits, of one class.

    The mean of both classes' costs is Cllr: 0 is certain and right, 1 is what saying nothing costs, above 1
    misleads.
    """
    against = -_checked("llrs", llrs) if genuine else _checked("llrs", llrs)
    return float(np.mean(np.logaddexp(0.0, against)) / math.log(2.0))


def rate_bound(events: int, exposure: float) -> float:
    """Upper 95 % bound of a Poisson rate: 3 / exposure where nothing happened (the rule of three).

    Parameters
    ----------
    events : int
        How often it happened.
    exposure : float
        For how long it was watched for (hours): the bound is per unit of it.

    Raises
    ------
    ValueError
        If `exposure` is not above 0 or `events` is negative.
    """
    if exposure <= 0.0 or events < 0:
        raise ValueError(f"{events} events in an exposure of {exposure}")
    if events == 0:
        return 3.0 / exposure
    low, high = float(events), events + 10.0 * math.sqrt(events) + 10.0
    for _ in range(100):
        middle = (low + high) / 2.0
        low, high = (middle, high) if _poisson_cdf(events, middle) > 0.05 else (low, middle)
    return high / exposure


def bootstrap_interval(
    scores: Mapping[str, tuple[Floats, Floats]],
    statistic: Callable[[Floats, Floats], float],
    *,
    draws: int = 2_000,
    seed: int = 20_240_607,
) -> Interval:
    """Percentile interval of a statistic, resampling accounts and then the sessions within each.

    Parameters
    ----------
    scores : mapping of str to (impostor, genuine)
        Scores of the sessions of each account; either class of an account may be empty.
    statistic : callable
        Of pooled `(impostor, genuine)`, as `auc` or `eer`.
    draws, seed : int
        Draws in which a class is empty are left out.

    Raises
    ------
    ValueError
        If there is no account, or no draw with both classes.
    """
    statistics = [statistic(bad, good) for bad, good in bootstrap_draws(scores, draws=draws, seed=seed)]
    if not statistics:
        raise ValueError("no draw has both impostor and genuine sessions")
    low, high = np.percentile(statistics, (2.5, 97.5))
    return Interval(float(low), float(high))


def bootstrap_draws(
    scores: Mapping[str, tuple[Floats, Floats]], *, draws: int, seed: int = 20_240_607
) -> Iterator[tuple[Floats, Floats]]:
    """Pooled `(impostor, genuine)` of one resampling of accounts and sessions after the other.

    Draws in which a class is empty are left out.

    Raises
    ------
    ValueError
        If there is no account.
    """
    if not scores:
        raise ValueError("no accounts")
    accounts: Sequence[tuple[Floats, Floats]] = [scores[name] for name in sorted(scores)]
    rng = np.random.default_rng(seed)
    for _ in range(draws):
        drawn = [accounts[i] for i in rng.integers(len(accounts), size=len(accounts))]
        bad = np.concatenate([_resampled(a[0], rng) for a in drawn])
        good = np.concatenate([_resampled(a[1], rng) for a in drawn])
        if len(bad) and len(good):
            yield bad, good


def _resampled(scores: Floats, rng: np.random.Generator) -> Floats:
    return scores[rng.integers(len(scores), size=len(scores))] if len(scores) else scores


def _poisson_cdf(k: int, mean: float) -> float:
    """Chance of at most `k` events where `mean` are expected."""
    return math.fsum(math.exp(i * math.log(mean) - mean - math.lgamma(i + 1)) for i in range(k + 1))


def _checked(name: str, scores: Floats) -> Floats:
    checked = np.asarray(scores, np.float64)
    if checked.ndim != 1 or not len(checked):
        raise ValueError(f"{name}: shape {checked.shape}, not (n,) with n above 0")
    if not np.isfinite(checked).all():
        raise ValueError(f"{name}: a score is not finite")
    return checked
