"""Sequential test: accumulates evidence after every action and gives a verdict.

Page's CUSUM (Page 1954, Biometrika 41) on negated log-likelihood ratios: a statistic grows with evidence against the
user, never falls below 0, and is held at the lock limit. Nobody is the same every day: a session as a whole may lie
away from those enrolled. So an action is not held against the enrolment but against a slow running mean of the
session itself, its *level* (exponentially weighted: Roberts 1959, Technometrics 1(3)), which begins at the
enrolment's 0 after a login and can move only so far: a change within hundreds of actions adds up, a whole day that is
a little different does not, and what lies farther off than any day of an owner adds up for ever. Pure: states go in
and come out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from agent.engine.calibration import Likelihood
from agent.engine.profile import Limits

CALM: Final = 0.5
# Chosen on training sessions, for every account alike (docs/choices.md).
LEVEL_ACTIONS: Final = 400
LOWEST_LEVEL: Final = -1.0
HIGHEST_LEVEL: Final = 0.3
MOST_DEVIATE: Final = 5.0

Floating = NDArray[np.floating[Any]]
# One test or many: a number or an array.
_N = TypeVar("_N", float, Floating)


class Verdict(Enum):
    """Verdict of a judgement."""

    GENUINE = "genuine"
    SUSPICIOUS = "suspicious"
    INTRUDER = "intruder"
    UNKNOWN_MOUSE = "unknown mouse"
    NO_EVIDENCE = "no evidence"


@dataclass(frozen=True, slots=True)
class TrustState:
    """State of the sequential test; without arguments the state after a login, full trust.

    Attributes
    ----------
    statistic : float
        Evidence against the user, 0 to the lock limit.
    level : float
        Running mean of the session's deviates, -1 to 0.3.
    since_ns : int or None
        Start of the action with which the departure began; None at full trust.
    verdict : Verdict
        GENUINE, SUSPICIOUS or INTRUDER.
    locks : int
        Locks by verdict since trust was last full.
    """

    statistic: float = 0.0
    level: float = 0.0
    since_ns: int | None = None
    verdict: Verdict = Verdict.GENUINE
    locks: int = 0


def evidence(state: TrustState, deviate: float, likelihood: Likelihood) -> float:
    """Log-likelihood ratio of one more action beside the session so far; positive for the user.

    The deviate counts as -5 to 5 at most: no single action says more than that.

    Raises
    ------
    ValueError
        If the deviate is not a number.
    """
    _check(deviate)
    return likelihood.llr(_clip(deviate, -MOST_DEVIATE, MOST_DEVIATE) - state.level)


def step(
    state: TrustState,
    deviate: float,
    likelihood: Likelihood,
    action_start_ns: int,
    limits: Limits,
    *,
    holds_level: bool = False,
) -> TrustState:
    """The state after one more action.

    SUSPICIOUS begins at the alert limit and ends below half of it, INTRUDER begins at the lock limit and ends
    below the alert limit: so evidence that wavers about a limit makes one alert, not many.

    Parameters
    ----------
    state : TrustState
    deviate : float
        Of the action, standard normal for the owner, lower for others.
    likelihood : Likelihood
    action_start_ns : int
        When the action began.
    limits : Limits
    holds_level : bool
        True where a day's baseline holds the level (`agent.engine.day_baseline`).

    Raises
    ------
    ValueError
        If the deviate is not a number.
    """
    _check(deviate)
    statistic, moved = _advanced(_clip, state.statistic, state.level, deviate, likelihood, limits.lock)
    level = state.level if holds_level else moved
    if statistic == 0.0:
        return TrustState(level=level)
    since_ns = action_start_ns if state.since_ns is None else state.since_ns
    return TrustState(statistic, level, since_ns, _verdict(state.verdict, statistic, limits), state.locks)


def after_lock(state: TrustState, t_ns: int, limits: Limits) -> TrustState:
    """The state after a lock by verdict and an unlock: no unlock proves who did it, so trust is not restored.

    The statistic restarts at the alert limit after the first lock; each further one, without full trust
    between, halves what is left between there and the lock limit. What the session was got used to is forgotten.
    """
    locks = state.locks + 1
    statistic = limits.alert + (limits.lock - limits.alert) * (1.0 - 0.5 ** (locks - 1))
    since_ns = t_ns if state.since_ns is None else state.since_ns
    return TrustState(statistic, max(state.level, 0.0), since_ns, Verdict.SUSPICIOUS, locks)


def carried(state: TrustState, before: Limits, now: Limits) -> TrustState:
    """The state under other limits: as far from the lock limit, in proportion, as it was."""
    return replace(state, statistic=state.statistic * now.lock / before.lock)


def trust(state: TrustState, limits: Limits) -> float:
    """Trust for display: 100 without a departure, 0 at the lock limit."""
    return 100.0 * (1.0 - min(1.0, state.statistic / limits.lock))


class SequentialTests:
    """Batch of sequential tests, each as `step` has it from the state after a login. For one thread.

    Parameters
    ----------
    shape : tuple of int
        Any; the streams' deviates are broadcast to it.
    likelihood : Likelihood
    lock : float or ndarray
        Lock limits, broadcast to `shape`; infinite where a statistic is not to be held.
    dtype : dtype
        Floating type of the tests.

    Attributes
    ----------
    statistic, level : ndarray of `dtype`, shape `shape`
        As in `TrustState`.
    """

    def __init__(
        self, shape: tuple[int, ...], likelihood: Likelihood, lock: float | Floating, dtype: DTypeLike
    ) -> None:
        self._likelihood = likelihood
        self._lock = np.asarray(lock, dtype)
        self.statistic: Floating = np.zeros(shape, dtype)
        self.level: Floating = np.zeros(shape, dtype)

    def step(self, deviates: Floating) -> Floating:
        """Take one more deviate of each test, of the tests' dtype; return the statistics."""
        self.statistic, self.level = _advanced(
            np.clip, self.statistic, self.level, deviates, self._likelihood, self._lock
        )
        return self.statistic

    def restart(self, where: NDArray[np.bool_] | slice) -> None:
        """Put these tests into the state after a login."""
        self.statistic[where] = 0.0
        self.level[where] = 0.0


def suspicious(before: NDArray[np.bool_], statistic: Floating, alert: Floating) -> NDArray[np.bool_]:
    """True where a test is above full trust: from the alert limit on, until below half of it, as in `step`."""
    return statistic >= np.where(before, alert.dtype.type(CALM) * alert, alert)


def _advanced(
    clip: Callable[[Any, Any, Any], Any],
    statistic: _N,
    level: _N,
    deviate: _N,
    likelihood: Likelihood,
    lock: float | Floating,
) -> tuple[_N, _N]:
    """One step of the recursion: the statistic and the level after one more deviate."""
    bounded = clip(deviate, -MOST_DEVIATE, MOST_DEVIATE)
    beside = bounded - level
    against = -likelihood.llr(beside)
    moved = level + beside / LEVEL_ACTIONS
    return clip(statistic + against, 0.0, lock), clip(moved, LOWEST_LEVEL, HIGHEST_LEVEL)


def _clip(number: float, least: float, most: float) -> float:
    """As `numpy.clip` of one number."""
    return min(max(number, least), most)


def _check(deviate: float) -> None:
    if deviate != deviate:
        raise ValueError("evidence is not a number")


def _verdict(before: Verdict, statistic: float, limits: Limits) -> Verdict:
    if statistic >= limits.lock or (before is Verdict.INTRUDER and statistic >= limits.alert):
        return Verdict.INTRUDER
    calm = CALM * limits.alert if before is not Verdict.GENUINE else limits.alert
    return Verdict.SUSPICIOUS if statistic >= calm else Verdict.GENUINE
