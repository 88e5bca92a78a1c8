"""The sequential test: evidence after every action, a verdict when it has added up.

Page's CUSUM (Page 1954, Biometrika 41) on the negated log-likelihood ratio: the statistic grows with evidence
against the user, never falls below 0, and is held at the lock limit. Pure: states go in and come out.
"""

from __future__ import annotations

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
    statistic : float
        Evidence against the user since `since_ns`, natural log units, 0 to the lock limit.
    since_ns : int or None
        Start of the action with which the departure began; None at full trust.
    verdict : Verdict
        GENUINE, SUSPICIOUS or INTRUDER.
    locks : int
        Locks by verdict since trust was last full.
    """

    statistic: float = 0.0
    since_ns: int | None = None
    verdict: Verdict = Verdict.GENUINE
    locks: int = 0


def step(state: TrustState, llr: float, action_start_ns: int, limits: Limits) -> TrustState:
    """The state after one more action.

    SUSPICIOUS begins at the alert limit and ends below half of it, INTRUDER begins at the lock limit and ends
    below the alert limit: so evidence that wavers about a limit makes one alert, not many.

    Parameters
    ----------
    state : TrustState
    llr : float
        Evidence of the action, natural log, positive for the user.
    action_start_ns : int
        When the action began.
    limits : Limits

    Raises
    ------
    ValueError
        If `llr` is not a number.
    """
    if llr != llr:
        raise ValueError("evidence is not a number")
    statistic = min(max(0.0, state.statistic - llr), limits.lock)
    if statistic == 0.0:
        return TrustState()
    since_ns = action_start_ns if state.since_ns is None else state.since_ns
    return TrustState(statistic, since_ns, _verdict(state.verdict, statistic, limits), state.locks)


def after_lock(state: TrustState, limits: Limits) -> TrustState:
    """The state after a lock by verdict and an unlock: no unlock proves who did it, so trust is not restored.

    The statistic restarts at the alert limit after the first lock; each further one, without full trust
    between, halves what is left between there and the lock limit.
    """
    locks = state.locks + 1
    level = limits.lock - (limits.lock - limits.alert) * 0.5 ** (locks - 1)
    return replace(state, statistic=level, verdict=Verdict.SUSPICIOUS, locks=locks)


def carried(state: TrustState, before: Limits, now: Limits) -> TrustState:
    """The state under other limits: as far from the lock limit, in proportion, as it was."""
    return replace(state, statistic=state.statistic * now.lock / before.lock)


def trust(state: TrustState, limits: Limits) -> float:
    """The state as people see it: 100 without a departure, 0 at the lock limit."""
    return 100.0 * (1.0 - min(1.0, state.statistic / limits.lock))


def _verdict(before: Verdict, statistic: float, limits: Limits) -> Verdict:
    if statistic >= limits.lock or (before is Verdict.INTRUDER and statistic >= limits.alert):
        return Verdict.INTRUDER
    calm = CALM * limits.alert if before is not Verdict.GENUINE else limits.alert
    return Verdict.SUSPICIOUS if statistic >= calm else Verdict.GENUINE
