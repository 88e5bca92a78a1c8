"""The sequential test, step by step."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.engine.calibration import Likelihood
from agent.engine.profile import Limits
from agent.engine.sequential_test import (
    LEVEL_ACTIONS,
    LOWEST_LEVEL,
    TrustState,
    Verdict,
    after_lock,
    after_proof,
    carried,
    evidence,
    step,
    trust,
)

LIMITS = Limits(alert=4.0, lock=10.0, asked_per_40h=1.0, estimated=False)
# Evidence of an action is its deviate beside the level, plus one half.
PLAIN = Likelihood(1.0, 1.0)

deviates = st.lists(st.floats(-9, 9), max_size=60)


def run(state: TrustState, *told: float, likelihood: Likelihood = PLAIN) -> TrustState:
    for i, deviate in enumerate(told):
        state = step(state, deviate, likelihood, 100 + i, LIMITS)
    return state


def stands_at(statistic: float, verdict: Verdict = Verdict.GENUINE) -> TrustState:
    return TrustState(statistic, since_ns=7, verdict=verdict)


def test_evidence_for_the_user_cannot_be_saved_up() -> None:
    state = run(TrustState(), 2.0, 2.0, 2.0)
    assert (state.statistic, state.since_ns, state.verdict) == (0.0, None, Verdict.GENUINE)
    assert run(state, -2.5).statistic == pytest.approx(2.0, abs=0.02)


def test_evidence_against_adds_up_to_alert_and_lock() -> None:
    state = run(TrustState(), -2.5)
    assert (state.verdict, state.since_ns) == (Verdict.GENUINE, 100)
    state = run(state, -2.8)
    assert (state.verdict, state.since_ns) == (Verdict.SUSPICIOUS, 100)
    state = run(state, *[-2.8] * 3)
    assert (state.verdict, state.statistic) == (Verdict.INTRUDER, LIMITS.lock)


def test_no_single_action_says_more_than_five_deviations() -> None:
    assert run(TrustState(), -99.0) == run(TrustState(), -5.0)
    assert run(stands_at(9.0), 99.0) == run(stands_at(9.0), 5.0)


def test_verdicts_hold_until_evidence_has_clearly_turned() -> None:
    suspicious = run(stands_at(3.9), -1.0)
    assert suspicious.verdict is Verdict.SUSPICIOUS
    assert run(suspicious, 0.5).verdict is Verdict.SUSPICIOUS
    assert run(suspicious, 2.5).verdict is Verdict.GENUINE
    intruder = run(stands_at(9.9), -3.0)
    assert intruder.verdict is Verdict.INTRUDER
    assert run(intruder, 3.0).verdict is Verdict.INTRUDER
    assert run(intruder, 3.0, 3.0).verdict is Verdict.SUSPICIOUS
    assert run(intruder, 3.0, 3.0, 3.0).statistic == 0.0


def test_an_action_is_held_against_the_session_so_far() -> None:
    fresh, settled = TrustState(), TrustState(level=-0.8)
    assert evidence(settled, -1.0, PLAIN) == pytest.approx(evidence(fresh, -0.2, PLAIN))
    # What differs all day, and less than the allowance of half the shift beside what the day is, adds up to little.
    likelihood = Likelihood(1.2, 0.1)
    steady = run(TrustState(), *[-0.7] * 4_000, likelihood=likelihood)
    assert steady.level == pytest.approx(-0.7, abs=0.01)
    assert steady.statistic == 0.0


def test_the_level_follows_slowly_and_only_so_far() -> None:
    assert run(TrustState(), -2.0).level == pytest.approx(-2.0 / LEVEL_ACTIONS)
    assert run(TrustState(), *[-2.5] * 2_000).level == LOWEST_LEVEL
    assert run(TrustState(), *[2.5] * 2_000).level == 0.3
    # An intruder far off any day of the owner's is never got used to.
    far = TrustState(level=LOWEST_LEVEL)
    assert run(far, *[-2.0] * 40, likelihood=Likelihood(1.2, 1.0)).verdict is Verdict.INTRUDER


def test_trust_as_people_see_it() -> None:
    assert trust(TrustState(), LIMITS) == 100.0
    assert trust(stands_at(2.5), LIMITS) == 75.0
    assert trust(stands_at(LIMITS.lock), LIMITS) == 0.0


def test_an_unlock_restarts_at_the_alert_limit_and_repeated_locks_escalate() -> None:
    state = after_lock(TrustState(10.0, -0.5, 3, Verdict.INTRUDER), 1, LIMITS)
    assert (state.statistic, state.verdict, state.level) == (4.0, Verdict.SUSPICIOUS, 0.0)
    state = after_lock(state, 1, LIMITS)
    assert state.statistic == 7.0
    state = after_lock(state, 1, LIMITS)
    assert state.statistic == 8.5
    # Only trust that was earned in full forgets the locks.
    assert after_lock(run(state, 3.0, 3.0), 1, LIMITS).statistic > 8.5
    assert after_lock(run(state, 3.0, 3.0, 3.0), 1, LIMITS).statistic == 4.0


def test_other_limits_keep_how_far_it_has_come() -> None:
    assert carried(stands_at(5.0), LIMITS, Limits(4.0, 20.0, 1.0, False)).statistic == 10.0


@given(deviates)
def test_trust_stays_within_its_limits_and_no_lock_restores_it(before: list[float]) -> None:
    state = TrustState()
    for deviate in before:
        state = step(state, deviate, PLAIN, 0, LIMITS)
        assert 0.0 <= state.statistic <= LIMITS.lock
        assert LOWEST_LEVEL <= state.level <= 0.3
        locked = after_lock(state, 0, LIMITS)
        assert LIMITS.alert <= locked.statistic < LIMITS.lock


def test_evidence_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="number"):
        step(TrustState(), float("nan"), PLAIN, 0, LIMITS)


def test_the_likelihood_model_bounds_a_deviate_and_the_level() -> None:
    bounded = Likelihood(1.0, 1.0, most_deviate=2.0, highest_level=0.0)
    assert evidence(TrustState(), -9.0, bounded) == pytest.approx(-1.5)
    assert run(TrustState(), -9.0, likelihood=bounded) == run(TrustState(), -2.0, likelihood=bounded)
    assert run(TrustState(), *[2.0] * 2_000, likelihood=bounded).level == 0.0


def test_evidence_counts_half_after_a_finding_that_a_proof_answered_until_the_next_login() -> None:
    answered = after_proof(
        TrustState(10.0, -0.5, 3, Verdict.INTRUDER, 1), answers_finding=True, is_login=False
    )
    assert answered == TrustState(finding_answered=True)
    assert evidence(answered, -2.5, PLAIN) == pytest.approx(0.5 * evidence(TrustState(), -2.5, PLAIN))
    assert run(answered, -2.5).statistic == pytest.approx(1.0)
    assert run(TrustState(), -2.5).statistic == pytest.approx(2.0)
    # Neither what the owner does nor a lock without a proof nor another unlock ends it; a login does.
    assert run(answered, -2.5, 5.0, 5.0).finding_answered
    assert after_lock(run(answered, -2.5), 1, LIMITS).finding_answered
    assert after_proof(answered, answers_finding=False, is_login=False).finding_answered
    assert after_proof(answered, answers_finding=False, is_login=True) == TrustState()


def test_a_lock_keeps_the_beginning_of_the_departure_and_is_one_where_there_was_none() -> None:
    assert after_lock(TrustState(10.0, 0.0, 3, Verdict.INTRUDER), 9, LIMITS).since_ns == 3
    assert after_lock(TrustState(), 9, LIMITS).since_ns == 9
