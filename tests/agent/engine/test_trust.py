"""The sequential test, step by step."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.engine.profile import Limits
from agent.engine.trust import TrustState, Verdict, after_lock, full_trust, step, trust

LIMITS = Limits(alert=4.0, lock=10.0, asked_per_40h=1.0, estimated=False)

evidence = st.lists(st.tuples(st.floats(-5, 5), st.floats(-5, 5)), max_size=60)


def run(state: TrustState, *llrs: float) -> TrustState:
    for i, llr in enumerate(llrs):
        state = step(state, [llr] * len(state.statistics), 100 + i, LIMITS)
    return state


def test_evidence_for_the_user_cannot_be_saved_up() -> None:
    assert run(full_trust(1), 5.0, 5.0, 5.0) == full_trust(1)
    assert run(full_trust(1), 50.0, -3.0).statistic == 3.0


def test_evidence_against_adds_up_to_alert_and_lock() -> None:
    state = run(full_trust(1), -3.0)
    assert (state.verdict, state.since_ns) == (Verdict.GENUINE, 100)
    state = run(state, -1.0)
    assert (state.verdict, state.since_ns) == (Verdict.SUSPICIOUS, 100)
    state = run(state, -9.0)
    assert (state.verdict, state.statistic) == (Verdict.INTRUDER, LIMITS.lock)


def test_verdicts_hold_until_evidence_has_clearly_turned() -> None:
    suspicious = run(full_trust(1), -4.5)
    assert run(suspicious, 1.0).verdict is Verdict.SUSPICIOUS
    assert run(suspicious, 3.0).verdict is Verdict.GENUINE
    intruder = run(full_trust(1), -20.0)
    assert run(intruder, 4.0).verdict is Verdict.INTRUDER
    assert run(intruder, 7.0).verdict is Verdict.SUSPICIOUS
    assert run(intruder, 50.0) == full_trust(1)


def test_the_highest_of_the_tests_counts() -> None:
    state = step(full_trust(2), [1.0, -6.0], 7, LIMITS)
    assert state.statistics == (0.0, 6.0)
    assert state.verdict is Verdict.SUSPICIOUS


def test_trust_as_people_see_it() -> None:
    assert trust(full_trust(1), LIMITS) == 100.0
    assert trust(run(full_trust(1), -2.5), LIMITS) == 75.0
    assert trust(run(full_trust(1), -99.0), LIMITS) == 0.0


def test_an_unlock_restarts_at_the_alert_limit_and_repeated_locks_escalate() -> None:
    state = after_lock(run(full_trust(2), -99.0), 1, LIMITS)
    assert (state.statistic, state.verdict) == (4.0, Verdict.SUSPICIOUS)
    state = after_lock(state, 1, LIMITS)
    assert state.statistic == 7.0
    state = after_lock(state, 1, LIMITS)
    assert state.statistic == 8.5
    # Only trust that was earned in full forgets the locks.
    assert after_lock(run(state, 8.0), 1, LIMITS).statistic > 8.5
    assert after_lock(run(state, 9.0), 1, LIMITS).statistic == 4.0


@given(evidence)
def test_trust_stays_within_its_limits_and_no_lock_restores_it(before: list[tuple[float, float]]) -> None:
    state = full_trust(2)
    for pair in before:
        state = step(state, pair, 0, LIMITS)
        assert 0.0 <= state.statistic <= LIMITS.lock
        locked = after_lock(state, 0, LIMITS)
        assert LIMITS.alert <= locked.statistic < LIMITS.lock


def test_evidence_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="number"):
        step(full_trust(1), [float("nan")], 0, LIMITS)
    with pytest.raises(ValueError, match="zip"):
        step(full_trust(2), [1.0], 0, LIMITS)
