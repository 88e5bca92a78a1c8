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

from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from agent.engine.calibration import Likelihood
from agent.engine.profile import Limits

CALM: Final = 0.5
# Chosen on training sessions, for every account alike (docs/choices.md).
LEVEL_ACTIONS: Final = 400
LOWEST_LEVEL: Final = -1.0
# As if the lock limit were twice as high (docs/choices.md).
ANSWERED_WEIGHT: Final = 0.5


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
        Running mean of the session's deviates, -1 to the highest that the likelihood model allows.
    since_ns : int or None
        Start of the action with which the departure began; None at full trust.
    verdict : Verdict
        GENUINE, SUSPICIOUS or INTRUDER.
    locks : int
        Locks by verdict since trust was last full.
    finding_answered : bool
        True where a proof of identity answered a finding since the login: what follows against the user counts half,
        since the day is known to be an odd one of theirs.
    """

    statistic: float = 0.0
    level: float = 0.0
    since_ns: int | None = None
    verdict: Verdict = Verdict.GENUINE
    locks: int = 0
    finding_answered: bool = False

    @property
    def weight(self) -> float:
        """Weight of evidence."""
        return ANSWERED_WEIGHT if self.finding_answered else 1.0


def evidence(state: TrustState, deviate: float, likelihood: Likelihood) -> float:
    """Log-likelihood ratio of one more action beside the session so far; positive for the user.

    Raises
    ------
    ValueError
        If the deviate is not a number.
    """
    _check(deviate)
    return state.weight * likelihood.llr(_beside(state, deviate, likelihood))


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
    beside = _beside(state, deviate, likelihood)
    statistic = _clip(state.statistic - state.weight * likelihood.llr(beside), 0.0, limits.lock)
    level = state.level if holds_level else _moved(state.level, beside, likelihood)
    if statistic == 0.0:
        return TrustState(level=level, finding_answered=state.finding_answered)
    since_ns = action_start_ns if state.since_ns is None else state.since_ns
    verdict = _verdict(state.verdict, statistic, limits)
    return TrustState(statistic, level, since_ns, verdict, state.locks, state.finding_answered)


def after_lock(state: TrustState, t_ns: int, limits: Limits) -> TrustState:
    """The state after a lock by verdict and an unlock: no unlock proves who did it, so trust is not restored.

    The statistic restarts at the alert limit after the first lock; each further one, without full trust
    between, halves what is left between there and the lock limit. What the session was got used to is forgotten.
    """
    locks = state.locks + 1
    statistic = limits.alert + (limits.lock - limits.alert) * (1.0 - 0.5 ** (locks - 1))
    since_ns = t_ns if state.since_ns is None else state.since_ns
    level = max(state.level, 0.0)
    return TrustState(statistic, level, since_ns, Verdict.SUSPICIOUS, locks, state.finding_answered)


def after_proof(state: TrustState, *, answers_finding: bool, is_login: bool) -> TrustState:
    """The state after a proof of identity: full trust.

    Parameters
    ----------
    state : TrustState
        Before the proof.
    answers_finding : bool
        Whether the proof answers a finding: until the next login evidence counts half then.
    is_login : bool
    """
    return TrustState(finding_answered=answers_finding or (state.finding_answered and not is_login))


def carried(state: TrustState, before: Limits, now: Limits) -> TrustState:
    """The state under other limits: as far from the lock limit, in proportion, as it was."""
    return replace(state, statistic=state.statistic * now.lock / before.lock)


def trust(state: TrustState, limits: Limits) -> float:
    """Trust for display: 100 without a departure, 0 at the lock limit."""
    return 100.0 * (1.0 - min(1.0, state.statistic / limits.lock))


def _moved(level: float, beside: float, likelihood: Likelihood) -> float:
    """The running level after a deviate that lies so far beside it."""
    return _clip(level + beside / LEVEL_ACTIONS, LOWEST_LEVEL, likelihood.highest_level)


def _beside(state: TrustState, deviate: float, likelihood: Likelihood) -> float:
    """How far a deviate, bounded, lies beside the session's level."""
    return _clip(deviate, -likelihood.most_deviate, likelihood.most_deviate) - state.level


def _clip(number: float, least: float, most: float) -> float:
    return min(max(number, least), most)


def _check(deviate: float) -> None:
    if deviate != deviate:
        raise ValueError("evidence is not a number")


def _verdict(before: Verdict, statistic: float, limits: Limits) -> Verdict:
    if statistic >= limits.lock or (before is Verdict.INTRUDER and statistic >= limits.alert):
        return Verdict.INTRUDER
    calm = CALM * limits.alert if before is not Verdict.GENUINE else limits.alert
    return Verdict.SUSPICIOUS if statistic >= calm else Verdict.GENUINE
