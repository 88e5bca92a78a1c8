"""The baseline of a proven day, by hand; and in the verifier, on made-up people."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.engine.calibration import Likelihood
from agent.engine.day_baseline import BaselineStage, DayBaseline, JudgedAction, Proof, advance, ended, proven
from agent.engine.day_stretch import OWN_SPREAD
from agent.engine.profile import Limits
from agent.engine.sequential_test import TrustState, Verdict, step

LIMITS = Limits(alert=40.0, lock=60.0, asked_per_40h=1.0, estimated=False)
PLAIN = Likelihood(1.2, 0.3)
SECOND = 1_000_000_000


def run(
    state: TrustState,
    baseline: DayBaseline,
    deviates: list[float],
    *,
    begin_ns: int = 0,
    limits: Limits = LIMITS,
    vectors: bool = False,
) -> tuple[TrustState, DayBaseline]:
    for i, deviate in enumerate(deviates):
        vector = partial(np.array, [float(i), 1.0]) if vectors else lambda: None
        start_ns = begin_ns + 2 * i * SECOND
        action = JudgedAction(deviate, start_ns, start_ns + SECOND, vector)
        state, baseline = advance(state, baseline, action, PLAIN, limits, OWN_SPREAD)
    return state, baseline


def login() -> tuple[TrustState, DayBaseline]:
    return proven(Proof.LOGIN, 0, TrustState(), DayBaseline(), OWN_SPREAD)


def test_a_login_opens_an_empty_baseline_whatever_was_before() -> None:
    before = run(*login(), [-1.0] * 30)
    state, baseline = proven(Proof.UNLOCK, 7, *before, OWN_SPREAD)
    assert state == TrustState()
    assert (baseline.stage, baseline.collected.actions, baseline.departure.actions) == (
        BaselineStage.COLLECTING,
        0,
        0,
    )


def test_it_is_taken_after_200_actions_and_holds_the_mean_as_level() -> None:
    state, baseline = run(*login(), [-0.3] * 199)
    assert baseline.stage is BaselineStage.COLLECTING
    state, baseline = run(state, baseline, [-0.3], begin_ns=398 * SECOND)
    assert baseline.stage is BaselineStage.TAKEN
    assert (state.level, baseline.level) == pytest.approx((-0.3, -0.3))
    assert run(state, baseline, [-3.0] * 20, begin_ns=400 * SECOND)[0].level == pytest.approx(-0.3)


@pytest.mark.parametrize(("actions", "stage"), [(39, BaselineStage.NONE), (40, BaselineStage.TAKEN)])
def test_sixty_seconds_of_rest_end_the_collection(actions: int, stage: BaselineStage) -> None:
    state, baseline = run(*login(), [-0.1] * actions)
    last_ns = (2 * (actions - 1) + 1) * SECOND
    assert run(state, baseline, [-0.1], begin_ns=last_ns + 60 * SECOND)[1].stage is BaselineStage.COLLECTING
    rested, after = run(state, baseline, [-0.1], begin_ns=last_ns + 60 * SECOND + 1)
    assert after.stage is stage
    assert rested.level == pytest.approx(
        -0.1 if stage is BaselineStage.TAKEN else state.level + (-0.1 - state.level) / 400
    )


def test_rest_between_the_proof_and_the_first_action_leaves_none() -> None:
    assert run(*login(), [0.1], begin_ns=61 * SECOND)[1].stage is BaselineStage.NONE


def test_what_does_not_agree_with_the_enrolment_is_not_collected() -> None:
    # One-sided 95 % of a mean of 20: 1.65 sqrt(0.3^2 + 3/20) = 0.808.
    assert run(*login(), [-0.80] * 20)[1].stage is BaselineStage.COLLECTING
    assert run(*login(), [-0.82] * 20)[1].stage is BaselineStage.NONE
    # After 100 actions: 1.65 sqrt(0.3^2 + 3/100) = 0.5716.
    assert run(*login(), [-0.57] * 100)[1].stage is BaselineStage.COLLECTING
    assert run(*login(), [-0.58] * 100)[1].stage is BaselineStage.NONE
    # A single action says nothing.
    assert run(*login(), [-5.0] * 19)[1].stage is BaselineStage.COLLECTING


def test_a_proof_that_answers_a_lock_believes_any_day_ever_seen() -> None:
    locked = TrustState(50.0, 0.0, 3, Verdict.SUSPICIOUS, locks=1)
    high = replace(LIMITS, alert=1e6, lock=2e6)
    for deviate, stage in ((-1.39, BaselineStage.COLLECTING), (-1.41, BaselineStage.NONE)):
        begun = proven(Proof.UNLOCK, 0, locked, DayBaseline(), OWN_SPREAD)
        assert begun[0] == TrustState(finding_answered=True)
        assert run(*begun, [deviate] * 30, limits=high)[1].stage is stage


def test_a_finding_ends_the_collection() -> None:
    low = Limits(alert=2.0, lock=60.0, asked_per_40h=1.0, estimated=False)
    state, baseline = run(*login(), [0.2] * 30 + [-5.0] * 2, limits=low)
    assert (state.verdict, baseline.stage) == (Verdict.SUSPICIOUS, BaselineStage.NONE)
    assert baseline.departure.actions == 2
    state, baseline = run(*login(), [0.2] * 60 + [-5.0] * 2, limits=low)
    assert (state.verdict, baseline.stage) == (Verdict.SUSPICIOUS, BaselineStage.TAKEN)


def test_that_was_me_attributes_the_stretch_since_the_departure() -> None:
    state, baseline = run(TrustState(), DayBaseline(), [0.5] * 10 + [-1.2] * 50, vectors=True)
    assert state.since_ns == 20 * SECOND
    assert (baseline.stage, baseline.departure.actions) == (BaselineStage.NONE, 50)
    state, baseline = proven(Proof.CONFIRMED, 10**12, state, baseline, OWN_SPREAD)
    assert (baseline.stage, baseline.collected.actions) == (BaselineStage.TAKEN, 50)
    assert (state.statistic, state.level) == (0.0, -1.0)
    assert baseline.vector is not None
    assert baseline.vector.tolist() == [34.5, 1.0]
    # Farther off than any day was ever seen: trust, but no baseline.
    state, baseline = run(TrustState(), DayBaseline(), [-1.5] * 50)
    assert proven(Proof.CONFIRMED, 10**12, state, baseline, OWN_SPREAD)[1].stage is BaselineStage.NONE


def test_some_good_minutes_do_not_make_the_rest_of_the_day_look_bad() -> None:
    assert ended(run(*login(), [2.0] * 50)[1]).level == 0.0


@given(st.lists(st.floats(-5, 5), max_size=60))
def test_without_a_proof_everything_is_as_without_baselines(deviates: list[float]) -> None:
    plain = TrustState()
    for i, deviate in enumerate(deviates):
        plain = step(plain, deviate, PLAIN, 2 * i * SECOND, LIMITS)
    state, baseline = run(TrustState(), DayBaseline(), deviates)
    assert state == plain
    assert baseline.stage is BaselineStage.NONE
