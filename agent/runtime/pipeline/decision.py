"""Decision: from verdicts to reactions, one alert and one lock for each excursion, not for each action. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from agent.engine.sequential_test import Verdict


class Reaction(Enum):
    """What a judgement calls for."""

    NONE = "none"
    ALERT_SUSPICIOUS = "alert: suspicious"
    ALERT_INTRUDER = "alert: intruder, not locked"
    LOCK = "alert and lock"


@dataclass(frozen=True, slots=True)
class ReactionRules:
    """What policy allows.

    Attributes
    ----------
    may_lock : bool
        True in enforce mode with limits that may be believed.
    lock_again_ns : int
        While the intruder verdict stands after a lock that failed or a countdown that was broken off, the
        lock is asked for again this long afterwards.
    """

    may_lock: bool
    lock_again_ns: int = 15_000_000_000


@dataclass(frozen=True, slots=True)
class Excursion:
    """What has been done since trust was last above the alert limit."""

    alerted: bool = False
    called_intruder: bool = False
    lock_asked_ns: int | None = None


def react(state: Excursion, verdict: Verdict, t_ns: int, rules: ReactionRules) -> tuple[Excursion, Reaction]:
    """The reaction to one verdict, and the state after it.

    Parameters
    ----------
    state : Excursion
    verdict : Verdict
    t_ns : int
        Time of the judgement on the monotonic clock.
    rules : ReactionRules
    """
    if verdict is Verdict.GENUINE:
        return Excursion(), Reaction.NONE
    if verdict is Verdict.INTRUDER:
        if rules.may_lock and _lock_is_due(state, t_ns, rules):
            return replace(state, alerted=True, called_intruder=True, lock_asked_ns=t_ns), Reaction.LOCK
        if not rules.may_lock and not state.called_intruder:
            return replace(state, alerted=True, called_intruder=True), Reaction.ALERT_INTRUDER
        return state, Reaction.NONE
    if verdict is Verdict.SUSPICIOUS and not state.alerted:
        return replace(state, alerted=True), Reaction.ALERT_SUSPICIOUS
    return state, Reaction.NONE


def after_lock(state: Excursion) -> Excursion:
    """The state once the screen was locked: the next intruder verdict locks again at once."""
    return replace(state, lock_asked_ns=None)


def _lock_is_due(state: Excursion, t_ns: int, rules: ReactionRules) -> bool:
    return state.lock_asked_ns is None or t_ns - state.lock_asked_ns >= rules.lock_again_ns
