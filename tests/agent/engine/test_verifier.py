"""The verifier on synthetic people: as it was calibrated, event by event."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from _fastfeat import SCHEMA
from agent.demo.synthesis import Screen, office, person, work
from agent.engine.day_baseline import BaselineStage, DayBaseline, Proof, advance, proven
from agent.engine.day_stretch import COHORT_SPREAD, OWN_SPREAD
from agent.engine.events import Boundary, Cause, EventBatch
from agent.engine.mouse import MouseConfiguration
from agent.engine.profile import Profile
from agent.engine.reasons import reasons
from agent.engine.sequential_test import TrustState, Verdict
from agent.engine.sketch import WIDTH
from agent.engine.verifier import Judgement, Verifier, window_stream
from agent.engine.windowing import Window
from enroll.model import fit_model
from enroll.score import StreamScore, stream_deviates
from enroll.sessions import SessionRows, session_rows
from enroll.train import train
from tests.judging import likelihood_of, llrs_of

DESK = office(Screen(0, 0, 1920, 1080))


def session(who: int, seed: int, actions: int) -> EventBatch:
    return EventBatch.concat(work(person(who), DESK, seed, actions=actions))


def rows(who: int, seed: int, actions: int) -> SessionRows:
    return session_rows("owner", str(seed), [session(who, seed, actions)])


@pytest.fixture(scope="module")
def enrolment() -> list[SessionRows]:
    return [rows(1, seed, 300) for seed in range(3)]


@pytest.fixture(scope="module")
def profile(enrolment: list[SessionRows]) -> Profile:
    return train(enrolment, "owner", MouseConfiguration("test"))


def judge(profile: Profile, events: EventBatch, **options: bool) -> list[Judgement]:
    stream, verifier = window_stream(profile), Verifier(profile, **options)
    told = [verifier.feed(window) for window in [*stream.feed(events), *stream.flush()]]
    return [judgement for judgement in told if judgement is not None]


def test_the_owner_is_genuine_and_somebody_else_an_intruder(profile: Profile) -> None:
    own = judge(profile, session(1, 77, 200))
    assert {j.verdict for j in own} == {Verdict.GENUINE}
    assert all(j.reasons == () for j in own)
    other = judge(profile, session(2, 78, 200))
    at = next(i for i, j in enumerate(other) if j.verdict is Verdict.INTRUDER)
    assert at < 150
    caught = other[at]
    assert caught.trust == 0.0
    assert 0 < caught.actions <= at + 1
    assert caught.start_ns < caught.t_ns
    assert len(caught.reasons) == 3
    assert np.mean([j.evidence_llr for j in other]) < 0.0 < np.mean([j.evidence_llr for j in own])


def test_the_stream_is_judged_as_it_was_calibrated(enrolment: list[SessionRows], profile: Profile) -> None:
    model = fit_model(enrolment)
    expected = stream_deviates(model, rows(2, 78, 120).rows)
    verifier, stream = Verifier(profile), window_stream(profile)
    events = session(2, 78, 120)
    told = [verifier.feed(w) for w in [*stream.feed(events), *stream.flush()]]
    llrs = llrs_of(expected, likelihood_of(profile), profile.limits)
    assert np.allclose([j.evidence_llr for j in told if j is not None], llrs, atol=2e-2)


def test_a_restarted_window_forgets_what_was_before(profile: Profile) -> None:
    events = session(2, 79, 40)
    verifier, stream = Verifier(profile), window_stream(profile)
    for window in stream.feed(session(1, 80, 70)):
        verifier.feed(window)
    # The action that is under way ends without a window of its own.
    alone, others = Verifier(profile, state=verifier.state), window_stream(profile)
    expected = [alone.feed(w) for w in [*others.feed(events), *others.flush()]]
    late = events.t_ns + 10**15
    after = EventBatch(late, *(getattr(events, name) for name in events.__slots__[1:]))
    restart = Boundary(int(late[0]) - 1, Cause.SCREEN_LOCKED)
    items = [w for item in (restart, after) for w in stream.feed(item)] + [*stream.flush()]
    told = [j for j in map(verifier.feed, items) if j is not None]
    llr = [j.evidence_llr for j in expected if j is not None]
    assert np.allclose([j.evidence_llr for j in told], llr, atol=1e-4)


def test_without_evidence_nothing_is_believed_and_nothing_changes(profile: Profile) -> None:
    verifier, stream = Verifier(profile), window_stream(profile)
    for window in stream.feed(session(2, 81, 30)):
        verifier.feed(window)
    before = verifier.state
    lost = verifier.feed(Boundary(10**15, Cause.OVERFLOW))
    assert lost is not None
    assert lost.verdict is Verdict.NO_EVIDENCE
    told = verifier.feed(_damaged(profile))
    assert told is not None
    assert (told.verdict, told.evidence_llr) == (Verdict.NO_EVIDENCE, 0.0)
    assert verifier.state == before


def test_boundaries_never_improve_trust_but_the_lock_restarts_at_the_alert_limit(profile: Profile) -> None:
    verifier, stream = Verifier(profile), window_stream(profile)
    for window in stream.feed(session(2, 82, 150)):
        verifier.feed(window)
    before = verifier.state
    for cause in Cause:
        if cause is not Cause.LOCKED_BY_VERDICT:
            verifier.feed(Boundary(10**15, cause))
            assert verifier.state == before
    assert verifier.feed(Boundary(10**15, Cause.LOCKED_BY_VERDICT)) is None
    assert verifier.state.statistic == pytest.approx(profile.limits.alert)
    assert verifier.state.locks == 1


def test_an_unknown_mouse_is_neither_intruder_nor_pass(profile: Profile) -> None:
    told = judge(profile, session(2, 78, 120), known_mouse=False)
    assert {j.verdict for j in told} == {Verdict.UNKNOWN_MOUSE}
    assert told[-1].trust < 100.0


def test_a_profile_of_action_distances_alone_works_too(profile: Profile) -> None:
    arrays = {name: a for name, a in profile.arrays.items() if not name.startswith("window/")}
    told = judge(replace(profile, detectors=("knn",), arrays=arrays), session(2, 84, 20))
    assert len(told) > 15


def test_reasons_name_the_largest_departures_in_words() -> None:
    departed = [np.array([0.1, -2.0, 0.9, 0.0], np.float32)] * 4
    told = reasons(("duration_s", "v_max_px_s", "dev_max_share", "points"), departed)
    assert told[0] == "speed: very much lower than the owner's (v_max_px_s -2.0 sd over 4 actions)"
    assert told[1].startswith(
        "deviation from the straight line: much higher than the owner's (dev_max_share +0.9 sd"
    )
    assert told[2].startswith("duration of a movement: a little higher")
    assert reasons(("points",), []) == ()


def test_one_reason_for_each_subject() -> None:
    told = reasons(("v_max_px_s", "v_mean_px_s", "hold_s"), [np.array([3.0, 2.9, 1.0], np.float32)])
    assert [line.split(":")[0] for line in told] == ["speed", "how long the button is held"]


def test_every_feature_that_can_judge_has_a_subject_in_words() -> None:
    judged = [f.name for f in SCHEMA if not f.configuration_sensitive and f.group != "frequency"]
    told = [reasons((name,), [np.ones(1, np.float32)])[0].split(":")[0] for name in judged]
    assert [
        name for name, subject in zip(judged, told, strict=True) if subject == name.replace("_", " ")
    ] == ["button"]


def _damaged(profile: Profile) -> Window:
    values = np.zeros((1, len(profile.features)))
    return Window(values, np.array([1], np.uint8), 10**15, 10**15 + 5, 10**15, 99, False)


def test_a_proven_day_is_judged_as_the_protocols_count_it(
    enrolment: list[SessionRows], profile: Profile
) -> None:
    owner, intruder = session(1, 90, 230), session(2, 91, 60)
    late = EventBatch.of(
        intruder.t_ns + int(owner.t_ns[-1] - intruder.t_ns[0]) + 3 * 10**9,
        intruder.x,
        intruder.y,
        intruder.kind,
        intruder.button,
    )
    begin_ns = int(owner.t_ns[0]) - 1
    verifier, stream = Verifier(profile), window_stream(profile)
    windows: list[Window | Boundary] = [Boundary(begin_ns, Cause.PROVEN, Proof.LOGIN.value)]
    windows += [*stream.feed(owner), *stream.feed(late), *stream.flush()]
    live = [j.statistic for w in windows if (j := verifier.feed(w)) is not None]
    assert verifier.baseline.stage is BaselineStage.TAKEN
    assert verifier.baseline.proof is Proof.LOGIN

    score = StreamScore(fit_model(enrolment), session_rows("owner", "90", [owner, late]).rows)
    state, baseline = proven(Proof.LOGIN, begin_ns, TrustState(), DayBaseline(), score.spread)
    deviates, batch, moved = score.deviates, [], 0.0
    for i in range(len(score.rows)):
        before = baseline.stage
        action = score.action(i, deviates)
        state, baseline = advance(
            state, baseline, action, likelihood_of(profile), profile.limits, score.spread
        )
        if baseline.stage is BaselineStage.TAKEN and before is not BaselineStage.TAKEN:
            deviates = score.deviates_on(baseline)
            moved = float(np.abs(deviates - score.deviates)[i + 1 :].max())
        batch.append(state.statistic)
    assert np.allclose(live, batch, atol=2e-2)
    assert baseline.collected.actions == verifier.baseline.collected.actions
    assert moved > 0.01, "the day moves the windows, and not only the level"


def test_what_lets_somebody_else_sit_down_drops_the_baseline_and_a_false_proof_has_no_effect(
    profile: Profile,
) -> None:
    verifier, stream = Verifier(profile), window_stream(profile)
    owner = session(1, 90, 60)
    begun = Boundary(int(owner.t_ns[0]) - 1, Cause.PROVEN, Proof.LOGIN.value)
    for item in (Boundary(5, Cause.PROVEN, "sudo"), Boundary(5, Cause.PROVEN)):
        verifier.feed(item)
        assert verifier.baseline.stage is BaselineStage.NONE
    verifier.feed(begun)
    for window in stream.feed(owner):
        verifier.feed(window)
    assert verifier.baseline.stage is BaselineStage.COLLECTING
    verifier.feed(Boundary(10**15, Cause.CLOCK_STEP))
    assert verifier.baseline.stage is BaselineStage.NONE
    for cause in (Cause.SCREEN_UNLOCKED, Cause.MOUSE_CHANGED, Cause.USER_BACK, Cause.SLEEP):
        verifier.feed(begun)
        assert verifier.baseline.stage is BaselineStage.COLLECTING
        verifier.feed(Boundary(10**15, cause))
        assert verifier.baseline.stage is BaselineStage.NONE


def test_a_judgement_bears_sketches_of_the_window_and_groups_of_what_departed(profile: Profile) -> None:
    judged = judge(profile, session(2, 78, 120))
    drawn = [np.frombuffer(j.movements, np.float32).reshape(-1, WIDTH) for j in judged]
    assert [len(d) for d in drawn[:3]] == [1, 2, 3]
    assert len(drawn[-1]) == 60
    assert (drawn[-1][:-1] == drawn[-2][1:]).all()
    assert np.abs(drawn[-1]).sum() > 0.0
    assert all(j.reason_groups == () and j.reasons == () for j in judged if j.verdict is Verdict.GENUINE)
    assert all(j.reason_groups and j.reasons for j in judged if j.verdict is Verdict.INTRUDER)


def test_broken_rules_come_first_among_the_reasons(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[object, int]] = []

    def flags(arrays: object, sketches: np.ndarray) -> tuple[str, ...]:
        seen.append((arrays, len(sketches)))
        return ("rule of speed: too fast",)

    monkeypatch.setattr("agent.engine.verifier.rules.flags", flags)
    verifier, stream = Verifier(profile), window_stream(profile)
    verifier._fusion.rules = {"usual": np.ones(1)}
    judged = [j for w in stream.feed(session(2, 78, 120)) if (j := verifier.feed(w)) is not None]
    against = [j for j in judged if j.verdict is not Verdict.GENUINE]
    assert all(j.reasons[0] == "rule of speed: too fast" and len(j.reasons) == 3 for j in against)
    assert seen[-1][1] == 60
    assert len(seen) == len(against) > 0


def test_days_of_a_profile_with_a_cohort_spread_wider(profile: Profile) -> None:
    arrays = dict(profile.arrays)
    for name in ("lengths", "centre", "spread", "mean"):
        arrays[f"plda/{name}"] = arrays[f"window/{name}"]
    arrays["fusion/plda"] = np.array(1.0)
    with_cohort = replace(profile, detectors=("plda", *profile.detectors), arrays=arrays)
    assert (Verifier(profile)._spread, Verifier(with_cohort)._spread) == (OWN_SPREAD, COHORT_SPREAD)


def test_a_mouse_that_turns_out_to_be_another_drops_the_baseline(profile: Profile) -> None:
    verifier, stream = Verifier(profile), window_stream(profile)
    verifier.feed(Boundary(0, Cause.PROVEN, Proof.LOGIN.value))
    verifier.knows_mouse(known=True)
    assert verifier.baseline.stage is BaselineStage.COLLECTING
    verifier.knows_mouse(known=False)
    for window in stream.feed(session(1, 90, 50)):
        verifier.feed(window)
    assert (verifier.baseline.stage, verifier.baseline.collected.actions) == (BaselineStage.NONE, 0)
