"""Day baseline: how a proven owner differs from the enrolment today, learnt from the actions after a proof of identity.

A login or unlock by the system's own authentication proves who is there now, never who was there before: it opens an
empty baseline. "That was me" also attributes the stretch since the departure began. Actions are collected only while
their mean agrees with the enrolment within the pooled spread of days, and are judged in full meanwhile. 60 s of rest
or a finding ends the collection; with fewer than `LEAST_ACTIONS` it leaves nothing. A baseline that was taken holds
the level of the sequential test, between the lowest running level and 0, and moves the vectors of windows by a bounded
distance (`agent.engine.fusion`). What comes later is then compared with the owner's day: nobody who takes over in the
middle of it can be got used to.

Whatever lets somebody else sit down without a proof (a lock, a switch of users, another mouse, sleep) drops the
baseline: the caller gives `DayBaseline()` then. Pure: states go in and come out. Without a proof every state is as it
is without this module.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final

from agent.engine.calibration import Likelihood
from agent.engine.day_stretch import DaySpread, Stretch, Vector
from agent.engine.profile import Limits
from agent.engine.sequential_test import (
    LOWEST_LEVEL,
    TrustState,
    Verdict,
    after_proof,
    step,
)

# Chosen on training sessions (docs/method.md).
LEAST_ACTIONS: Final = 40
MOST_ACTIONS: Final = 200
REST_NS: Final = 60_000_000_000
_LEAST_CHECKED: Final = 20
# Some good minutes must not make the rest of the day look bad beside them.
_HIGHEST_HELD: Final = 0.0


class Proof(Enum):
    """Proof of identity; the value is its name in boundaries and the audit trail."""

    LOGIN = "login"
    UNLOCK = "unlock"
    CONFIRMED = "that was me"

    @classmethod
    def named(cls, name: str) -> Proof | None:
        """The proof of that name; None where there is none."""
        return next((proof for proof in cls if proof.value == name), None)


class BaselineStage(Enum):
    """Stage of a baseline."""

    NONE = "none"
    COLLECTING = "collecting"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True, eq=False)
class DayBaseline:
    """State of the baseline; without arguments there is none.

    Attributes
    ----------
    stage : BaselineStage
    proof : Proof or None
        What opened it.
    after_finding : bool
        True where the proof answered a finding.
    collected : Stretch
        Actions since the proof, as far as they were collected.
    departure : Stretch
        Actions since trust was last full, whether there is a baseline or not.
    last_end_ns : int or None
        The proof, or the end of the last action collected since.
    """

    stage: BaselineStage = BaselineStage.NONE
    proof: Proof | None = None
    after_finding: bool = False
    collected: Stretch = field(default_factory=Stretch)
    departure: Stretch = field(default_factory=Stretch)
    last_end_ns: int | None = None

    @property
    def level(self) -> float:
        """Level that a taken baseline holds: the mean of the day, between the lowest running level and 0."""
        return min(max(self.collected.mean, LOWEST_LEVEL), _HIGHEST_HELD)

    @property
    def vector(self) -> Vector | None:
        """Mean window vector of the day; None where no whole window was collected."""
        return self.collected.mean_vector


@dataclass(frozen=True, slots=True, eq=False)
class JudgedAction:
    """One action as it is judged.

    Attributes
    ----------
    deviate : float
        Combined deviate, by the offset of the baseline where one is taken.
    start_ns, end_ns : int
    vector : callable
        Measures the vector of the window that it ends (`Fusion.day_vectors`), when it is collected; None where that
        window is not whole.
    """

    deviate: float
    start_ns: int
    end_ns: int
    vector: Callable[[], Vector | None] = lambda: None


def proven(
    proof: Proof, t_ns: int, state: TrustState, baseline: DayBaseline, spread: DaySpread
) -> tuple[TrustState, DayBaseline]:
    """The test and the baseline after a proof: full trust, and a new baseline in place of what was there.

    Where the proof answers a finding, evidence counts half until the next login (`TrustState.finding_answered`).

    Parameters
    ----------
    proof : Proof
        CONFIRMED attributes the stretch since the departure began, and takes it at once where it suffices; any other
        opens an empty baseline.
    t_ns : int
        Time of the proof; 60 s without an action after it end the collection.
    state : TrustState
        Before the proof: anything but a genuine verdict without locks is a finding, which the proof answers.
    baseline : DayBaseline
        Before the proof.
    spread : DaySpread
        As for `advance`.
    """
    is_confirmed = proof is Proof.CONFIRMED
    finding = is_confirmed or state.verdict is not Verdict.GENUINE or state.locks > 0
    before = baseline.departure if is_confirmed else Stretch()
    after = DayBaseline(BaselineStage.COLLECTING, proof, finding, before, last_end_ns=t_ns)
    trusted = after_proof(state, answers_finding=finding, is_login=proof is Proof.LOGIN)
    if before.actions < LEAST_ACTIONS:
        return trusted, after
    if before.mean < spread.lowest_mean(before.actions, after_finding=finding):
        return trusted, DayBaseline()
    return _with_level(trusted, after, ended(after))


def ended(baseline: DayBaseline) -> DayBaseline:
    """The baseline at the end of its collection: taken with at least `LEAST_ACTIONS`, otherwise none."""
    if baseline.stage is not BaselineStage.COLLECTING:
        return baseline
    if baseline.collected.actions < LEAST_ACTIONS:
        return dropped(baseline)
    return replace(baseline, stage=BaselineStage.TAKEN)


def dropped(baseline: DayBaseline) -> DayBaseline:
    """No baseline; what departs goes on being summed."""
    return DayBaseline(departure=baseline.departure)


def advance(
    state: TrustState,
    baseline: DayBaseline,
    action: JudgedAction,
    likelihood: Likelihood,
    limits: Limits,
    spread: DaySpread,
) -> tuple[TrustState, DayBaseline]:
    """Judge one action and collect it: the sequential test and the baseline after it.

    Where the returned baseline is TAKEN and the given one was not, later deviates are made with its offset.

    Parameters
    ----------
    state : TrustState
    baseline : DayBaseline
    action : JudgedAction
    likelihood : Likelihood
    limits : Limits
    spread : DaySpread
        `OWN_SPREAD`, or `COHORT_SPREAD` where a detector learns from a cohort.

    Raises
    ------
    ValueError
        If the deviate is not a number.
    """
    rested = baseline.last_end_ns is not None and action.start_ns - baseline.last_end_ns > REST_NS
    if rested:
        state, baseline = _with_level(state, baseline, ended(baseline))
    holds = baseline.stage is BaselineStage.TAKEN
    state = step(state, action.deviate, likelihood, action.start_ns, limits, holds_level=holds)
    departure = (
        Stretch() if state.since_ns is None else baseline.departure.plus(action.deviate, action.vector())
    )
    baseline = replace(baseline, departure=departure)
    if baseline.stage is not BaselineStage.COLLECTING:
        return state, baseline
    collected = baseline.collected.plus(action.deviate, action.vector())
    baseline = replace(baseline, collected=collected, last_end_ns=action.end_ns)
    lowest = spread.lowest_mean(collected.actions, after_finding=baseline.after_finding)
    if collected.actions >= _LEAST_CHECKED and collected.mean < lowest:
        return state, dropped(baseline)
    if collected.actions >= MOST_ACTIONS or state.verdict is not Verdict.GENUINE:
        return _with_level(state, baseline, ended(baseline))
    return state, baseline


def _with_level(state: TrustState, before: DayBaseline, after: DayBaseline) -> tuple[TrustState, DayBaseline]:
    """Put the test on the baseline's level when it is taken."""
    if after.stage is BaselineStage.TAKEN and before.stage is not BaselineStage.TAKEN:
        state = replace(state, level=after.level)
    return state, after
