"""The sequential test: evidence after every action, a verdict when it has added up.

Page's CUSUM (Page 1954, Biometrika 41) on negated log-likelihood ratios: a statistic grows with evidence against the
user, never falls below 0, and is held at the lock limit. Several run side by side, one for slight and others for gross
departures (Lorden 1971, Annals of Mathematical Statistics 42), on one scale; the highest counts. Pure: states go in
and come out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from agent.engine.profile import Limits

CALM: Final = 0.5


class Verdict(Enum):
    """What one judgement says."""

    GENUINE = "genuine"
    SUSPICIOUS = "suspicious"
    INTRUDER = "intruder"
    UNKNOWN_MOUSE = "unknown mouse"
    NO_EVIDENCE = "no evidence"


@dataclass(frozen=True, slots=True)
class TrustState:
    """Where the test stands.

    Attributes
    ----------
    statistics : tuple of float
        Evidence against the user in each of the tests, 0 to the lock limit.
    since_ns : int or None
        Start of the action with which the departure began; None at full trust.
    verdict : Verdict
        GENUINE, SUSPICIOUS or INTRUDER.
    locks : int
        Locks by verdict since trust was last full.
    """

    statistics: tuple[float, ...]
    since_ns: int | None = None
    verdict: Verdict = Verdict.GENUINE
    locks: int = 0

    @property
    def statistic(self) -> float:
        """The highest of the tests."""
        return max(self.statistics)


def full_trust(tests: int) -> TrustState:
    """The state after a login, of so many tests side by side."""
    return TrustState((0.0,) * tests)


def step(state: TrustState, llrs: Sequence[float], action_start_ns: int, limits: Limits) -> TrustState:
    """The state after one more action.

    SUSPICIOUS begins at the alert limit and ends below half of it, INTRUDER begins at the lock limit and ends
    below the alert limit: so evidence that wavers about a limit makes one alert, not many.

    Parameters
    ----------
    state : TrustState
    llrs : sequence of float
        Evidence of the action for each test, on the scale of the limits, positive for the user.
    action_start_ns : int
        When the action began.
    limits : Limits

    Raises
    ------
    ValueError
        If evidence is not a number, or not of as many tests as the state.
    """
    if any(llr != llr for llr in llrs):
        raise ValueError("evidence is not a number")
    pairs = zip(state.statistics, llrs, strict=True)
    after = tuple(min(max(0.0, s - llr), limits.lock) for s, llr in pairs)
    if max(after) == 0.0:
        return full_trust(len(after))
    since_ns = action_start_ns if state.since_ns is None else state.since_ns
    return TrustState(after, since_ns, _verdict(state.verdict, max(after), limits), state.locks)


def after_lock(state: TrustState, t_ns: int, limits: Limits) -> TrustState:
    """The state after a lock by verdict and an unlock: no unlock proves who did it, so trust is not restored.

    Every statistic restarts at the alert limit after the first lock; each further one, without full trust
    between, halves what is left between there and the lock limit.
    """
    locks = state.locks + 1
    level = limits.lock - (limits.lock - limits.alert) * 0.5 ** (locks - 1)
    since_ns = t_ns if state.since_ns is None else state.since_ns
    return TrustState((level,) * len(state.statistics), since_ns, Verdict.SUSPICIOUS, locks)


def carried(state: TrustState, before: Limits, now: Limits) -> TrustState:
    """The state under other limits: as far from the lock limit, in proportion, as it was."""
    statistics = tuple(statistic * now.lock / before.lock for statistic in state.statistics)
    return replace(state, statistics=statistics)


def spread(state: TrustState, tests: int) -> TrustState:
    """The state for another number of tests: each stands where the highest stood."""
    if tests == len(state.statistics):
        return state
    return replace(state, statistics=(state.statistic,) * tests)


def trust(state: TrustState, limits: Limits) -> float:
    """The state as people see it: 100 without a departure, 0 at the lock limit."""
    return 100.0 * (1.0 - min(1.0, state.statistic / limits.lock))


def _verdict(before: Verdict, statistic: float, limits: Limits) -> Verdict:
    if statistic >= limits.lock or (before is Verdict.INTRUDER and statistic >= limits.alert):
        return Verdict.INTRUDER
    calm = CALM * limits.alert if before is not Verdict.GENUINE else limits.alert
    return Verdict.SUSPICIOUS if statistic >= calm else Verdict.GENUINE
