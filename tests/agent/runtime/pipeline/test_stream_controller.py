"""What the worker makes of the stream: learns, protects, doubts, reports, locks; and what it never does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agent.alerts.alert import Activity, AlertKind, Severity
from agent.config import schema as settings
from agent.config.schema import CaptureSettings, Settings
from agent.engine.day_baseline import BaselineStage, DayBaseline, Proof
from agent.engine.day_stretch import Stretch
from agent.engine.errors import SteadyhandError
from agent.engine.events import UNKNOWN_SOURCE, Boundary, Cause, EventBatch
from agent.engine.profile import TRANSFERRED
from agent.engine.sequential_test import Verdict
from agent.files.ledger import RecordingLedger
from agent.files.paths import Paths
from agent.host.api import SystemAuthentication
from agent.runtime.learning.enrolment import SAMPLE_ACTIONS
from agent.runtime.learning.renewal import RenewalRecorder
from agent.runtime.pipeline.profile_selection import SelectedProfile
from agent.runtime.status.snapshot import State
from tests.agent.runtime.fakes import (
    ACTION_EVENTS,
    MINUTE,
    MOUSE,
    OTHER_MOUSE,
    SECOND,
    Bench,
    a_profile,
    an_enrolment,
    clicks,
    use_for,
)

G, S, X, N, U = (
    Verdict.GENUINE,
    Verdict.SUSPICIOUS,
    Verdict.INTRUDER,
    Verdict.NO_EVIDENCE,
    Verdict.UNKNOWN_MOUSE,
)
KNOWN = SelectedProfile(a_profile(), exact=True)
ENFORCE = Settings(judgement=settings.JudgementSettings(mode="enforce"))
LEARN = Settings(enrolment=settings.EnrolmentSettings(actions=100, sessions=2, until="counts"))

MakeBench = Callable[..., Bench]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeBench:
    """A bench whose protections are scripted, already told its mouse."""

    def made(*args: Any, mouse: Any = MOUSE, **told: Any) -> Bench:
        bench = Bench(tmp_path / "recordings", *args, **told)
        monkeypatch.setattr("agent.runtime.pipeline.session_cache.Protection", bench.protection)
        bench.controller.use_mouse(mouse, 0)
        return bench

    return made


def test_learns_until_there_is_enough_then_trains_then_protects(make: MakeBench) -> None:
    bench = make(told=LEARN)
    assert bench.controller.status.state is State.LEARNING
    bench.feed(clicks(55))
    assert bench.controller.status.enrolled_share == pytest.approx(0.5)
    assert "1 of 2 sessions" in bench.controller.status.detail
    bench.feed(Boundary(20 * SECOND, Cause.SCREEN_LOCKED), Boundary(21 * SECOND, Cause.SCREEN_UNLOCKED))
    assert bench.trained == []
    bench.feed(clicks(60, 30 * SECOND))
    assert [enrolment.actions >= 100 for enrolment in bench.trained] == [True]
    bench.chosen = KNOWN
    bench.controller.use_mouse(MOUSE, 60 * SECOND)
    assert (bench.controller.status.state, bench.controller.status.trust) == (State.PROTECTING, None)
    assert bench.controller.enrolment is None
    bench.feed(clicks(1, 70 * SECOND))
    assert (bench.controller.status.trust, bench.controller.status.actions) == (97, 1)


def test_a_new_mouse_gets_the_old_ones_profile_carried_over_while_it_is_learnt(make: MakeBench) -> None:
    old = a_profile(OTHER_MOUSE)
    bench = make(SelectedProfile(old), (G,), ENFORCE)
    bench.feed(clicks(SAMPLE_ACTIONS + 5))
    assert bench.transferred == [], "nothing is recorded before the owner proved who they are"
    bench.controller.use_mouse(MOUSE, 90 * SECOND, enrol=True)
    bench.feed(clicks(SAMPLE_ACTIONS // 2, 100 * SECOND))
    assert bench.transferred == []
    bench.feed(clicks(SAMPLE_ACTIONS // 2 + 5, 200 * SECOND))
    assert [(one.actions >= SAMPLE_ACTIONS, origin) for one, origin in bench.transferred] == [(True, old)]
    moved = replace(a_profile(MOUSE), summary={TRANSFERRED: "Borrowed Mouse"})
    bench.chosen = SelectedProfile(moved)
    bench.controller.use_mouse(MOUSE, 300 * SECOND)
    assert bench.controller.enrolment is not None, "an enrolment outlasts a new look at the profiles"
    assert bench.controller.enrolment.actions >= SAMPLE_ACTIONS
    assert (bench.made[-1].known_mouse, bench.made[-1].rules.may_lock) == (False, False)
    assert "its profile was transferred from Borrowed Mouse" in bench.alerts[-1].message
    bench.feed(clicks(SAMPLE_ACTIONS, 400 * SECOND))
    assert len(bench.transferred) == 1
    assert bench.trained == []


def test_where_policy_forbids_to_enrol_it_says_that_nothing_protects(make: MakeBench) -> None:
    bench = make(told=Settings(enrolment=settings.EnrolmentSettings(local=False)))
    bench.feed(clicks(5))
    assert bench.controller.status.state is State.NO_EVIDENCE
    assert "policy does not allow" in bench.controller.status.detail
    assert bench.controller.status.trust is None


def test_enforce_locks_once_an_excursion_and_rearms_after_the_lock(make: MakeBench) -> None:
    bench = make(KNOWN, (G, S, X, X, X), ENFORCE)
    for t in range(5):
        bench.feed(clicks(1, t * SECOND))
    assert bench.kinds() == [AlertKind.SUSPICIOUS]
    assert [alert.kind for alert in bench.locks] == [AlertKind.INTRUDER]
    assert bench.controller.status.state is State.SUSPICIOUS
    bench.feed(Boundary(6 * SECOND, Cause.LOCKED_BY_VERDICT), Boundary(8 * SECOND, Cause.SCREEN_UNLOCKED))
    bench.feed(clicks(1, 9 * SECOND))
    assert len(bench.locks) == 2


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        (KNOWN, Settings()),
        (SelectedProfile(a_profile(), exact=True, expired=True), ENFORCE),
        (SelectedProfile(a_profile(estimated=True), exact=True), ENFORCE),
        (SelectedProfile(a_profile(OTHER_MOUSE), exact=False), ENFORCE),
    ],
    ids=["shadow mode", "expired", "estimated", "another mouse's"],
)
def test_what_may_not_lock_reports_instead(make: MakeBench, chosen: SelectedProfile, told: Settings) -> None:
    bench = make(chosen, (X,), told)
    for t in range(60):
        bench.feed(clicks(1, t * SECOND))
    assert bench.locks == []
    assert not bench.made[0].rules.may_lock
    findings = [alert for alert in bench.alerts if alert.kind is AlertKind.INTRUDER]
    assert len(findings) == 1
    assert findings[0].detail["would_lock"] is True
    assert findings[0].reasons == ("slower",)


def test_a_finding_names_what_judged(make: MakeBench) -> None:
    bench = make(SelectedProfile(a_profile(estimated=True), exact=True, sha256="ab12"), (X,), ENFORCE)
    bench.feed(clicks(1))
    (finding,) = [alert for alert in bench.alerts if alert.kind is AlertKind.INTRUDER]
    told = finding.detail
    assert (told["profile_id"], told["profile_hash"], told["policy_hash"]) == ("p-1", "ab12", "cd34")
    assert told["estimated"] is True
    assert told["mouse"] == a_profile().mouse.to_json()


def test_an_estimate_locks_where_policy_says_so(make: MakeBench) -> None:
    told = Settings(judgement=settings.JudgementSettings(mode="enforce", lock_on_estimate=True))
    bench = make(SelectedProfile(a_profile(estimated=True), exact=True), (X,), told)
    bench.feed(clicks(1))
    assert len(bench.locks) == 1


@pytest.mark.parametrize(("answer", "locked"), [("alert", 0), ("lock", 1)])
def test_an_unknown_mouse_is_reported_and_policys_answer_follows(
    make: MakeBench, answer: str, locked: int
) -> None:
    judgement = settings.JudgementSettings(
        mode="enforce", unknown_mouse_grace_min=5, unknown_mouse_answer=answer
    )
    bench = make(
        SelectedProfile(a_profile(), exact=False), (U,), Settings(judgement=judgement), mouse=OTHER_MOUSE
    )
    assert bench.controller.status.state is State.UNKNOWN_MOUSE
    assert not bench.made[0].known_mouse
    assert bench.kinds() == [AlertKind.UNKNOWN_MOUSE]
    bench.feed(*use_for(4.5))
    assert len(bench.alerts) == 1
    bench.feed(*use_for(1, start_ns=5 * MINUTE))
    assert len(bench.locks) == locked
    assert bench.kinds() == [AlertKind.UNKNOWN_MOUSE] * (2 - locked)
    assert "not enrolled in 5 minutes" in (bench.locks or bench.alerts)[-1].message


def test_an_unknown_mouse_is_learnt_only_when_the_owner_asks(make: MakeBench) -> None:
    bench = make(SelectedProfile(a_profile(), exact=False), (U,), mouse=OTHER_MOUSE)
    assert bench.controller.enrolment is None
    bench.controller.use_mouse(OTHER_MOUSE, SECOND, enrol=True)
    assert bench.controller.enrolment is not None
    assert bench.controller.protection is not None, "the other mouse's profile keeps watching"


def test_replugging_in_a_loop_does_not_put_off_policys_answer(make: MakeBench) -> None:
    judgement = settings.JudgementSettings(
        mode="enforce", unknown_mouse_grace_min=5, unknown_mouse_answer="lock"
    )
    bench = make(
        SelectedProfile(a_profile(), exact=False), (U,), Settings(judgement=judgement), mouse=OTHER_MOUSE
    )
    for t_ns in range(0, 12 * MINUTE, 3 * MINUTE):
        bench.feed(*use_for(2.5, t_ns))
        bench.controller.use_mouse(OTHER_MOUSE, t_ns + 3 * MINUTE)
    assert len(bench.locks) >= 1


@pytest.mark.parametrize(
    "cause",
    [Cause.SCREEN_LOCKED, Cause.LOCKED_BY_VERDICT, Cause.SLEEP, Cause.PAUSED, Cause.USER_SWITCH],
)
@pytest.mark.parametrize("chosen", [SelectedProfile(None), KNOWN], ids=["learning", "protecting"])
def test_what_comes_while_locked_or_paused_is_neither_judged_nor_learnt(
    make: MakeBench, cause: Cause, chosen: SelectedProfile
) -> None:
    bench = make(chosen, (X,), LEARN)
    bench.feed(clicks(3), Boundary(2 * SECOND, cause))
    learnt = bench.controller.enrolment.actions if bench.controller.enrolment else 0
    judged = sum(map(len, (p.batches for p in bench.made)))
    bench.feed(clicks(40, 3 * SECOND))
    assert (bench.controller.enrolment.actions if bench.controller.enrolment else 0) == learnt
    assert sum(map(len, (p.batches for p in bench.made))) == judged
    assert bench.controller.status.events == 43 * ACTION_EVENTS, "they are counted all the same"
    assert bench.controller.status.state in (State.LOCKED, State.PAUSED, State.AWAY)


def test_a_lock_that_lets_go_without_a_word_is_seen_when_the_mouse_moves(make: MakeBench) -> None:
    bench = make(KNOWN, (S,))
    bench.feed(clicks(1), Boundary(SECOND, Cause.LOCKED_BY_VERDICT))
    bench.feed(clicks(1, 5 * SECOND))
    assert bench.controller.status.state is State.LOCKED
    bench.is_locked = False
    bench.feed(clicks(1, 8 * SECOND))
    assert bench.controller.status.state is State.SUSPICIOUS
    causes = [item.cause for item in bench.made[0].fed if isinstance(item, Boundary)]
    assert causes == [Cause.LOCKED_BY_VERDICT, Cause.SCREEN_UNLOCKED]
    assert AlertKind.INPUT_WHILE_LOCKED not in bench.kinds()


def test_input_while_the_session_says_locked_is_an_alert(make: MakeBench) -> None:
    bench = make(KNOWN)
    bench.feed(Boundary(SECOND, Cause.SCREEN_LOCKED))
    bench.is_locked = False
    bench.feed(clicks(1, 5 * SECOND))
    assert bench.kinds() == [AlertKind.INPUT_WHILE_LOCKED]


def test_synthetic_input_is_cut_and_reported_once_in_a_while(make: MakeBench) -> None:
    bench = make(KNOWN)
    for t in range(0, 60):
        bench.feed(clicks(1 + t % 7, t * SECOND, synthetic=True))
    assert bench.made[0].batches == []
    assert bench.kinds() == [AlertKind.SYNTHETIC_INPUT]
    assert bench.controller.status.trust is None
    bench.feed(clicks(1, 11 * MINUTE, synthetic=True))
    assert bench.kinds() == [AlertKind.SYNTHETIC_INPUT] * 2
    assert bench.alerts[-1].detail["held_back"] == 59


def test_synthetic_input_counts_as_a_hands_only_where_the_settings_say_so(make: MakeBench) -> None:
    bench = make(KNOWN, told=Settings(capture=CaptureSettings(trust_synthetic=True)))
    bench.feed(clicks(2, synthetic=True))
    assert len(bench.made[0].batches) == 1
    assert bench.kinds() == []


@pytest.mark.parametrize("cause", [Cause.OVERFLOW, Cause.CAPTURE_RESTARTED, Cause.CLOCK_STEP])
def test_a_broken_stream_is_reported_once_in_a_while(make: MakeBench, cause: Cause) -> None:
    bench = make(KNOWN, told=Settings(capture=CaptureSettings(restarts_most_per_hour=1000)))
    for t in range(30):
        bench.feed(Boundary(t * SECOND, cause, f"{t} ms back"))
    assert bench.kinds() == [AlertKind.STREAM_BROKEN]
    assert cause.label in bench.alerts[0].message
    bench.feed(Boundary(11 * MINUTE, cause, "again"))
    assert bench.kinds() == [AlertKind.STREAM_BROKEN] * 2
    assert bench.alerts[1].detail["held_back"] == 29


def test_ordinary_boundaries_are_no_alert(make: MakeBench) -> None:
    bench = make(KNOWN)
    for t, cause in enumerate((Cause.GAP, Cause.SCREEN_LOCKED, Cause.SCREEN_UNLOCKED)):
        bench.feed(Boundary(t, cause))
    assert bench.kinds() == []


def test_use_without_evidence_is_reported_after_the_minutes_that_policy_gives(make: MakeBench) -> None:
    told = Settings(judgement=settings.JudgementSettings(no_evidence_alert_min=5))
    bench = make(KNOWN, (N,), told)
    bench.feed(*use_for(4.5))
    assert bench.kinds() == []
    bench.feed(*use_for(1, 5 * MINUTE))
    assert bench.kinds() == [AlertKind.NO_EVIDENCE]


def test_replugging_or_reloading_in_a_loop_does_not_put_off_that_alert(make: MakeBench) -> None:
    told = Settings(judgement=settings.JudgementSettings(no_evidence_alert_min=5))
    bench = make(KNOWN, (N,), told)
    for t_ns in range(0, 12 * MINUTE, 3 * MINUTE):
        bench.feed(*use_for(2.5, t_ns))
        bench.controller.use_mouse(MOUSE, t_ns + 3 * MINUTE)
    assert AlertKind.NO_EVIDENCE in bench.kinds()


def test_evidence_keeps_that_alert_away_and_learning_does_not_count(make: MakeBench) -> None:
    told = Settings(judgement=settings.JudgementSettings(no_evidence_alert_min=5))
    bench = make(KNOWN, (G,), told)
    bench.feed(*use_for(20))
    assert bench.kinds() == []
    learning = make(told=told)
    learning.feed(*use_for(20))
    learning.chosen, learning.verdicts = KNOWN, (N,)
    learning.controller.use_mouse(MOUSE, 21 * MINUTE)
    learning.feed(*use_for(2, 21 * MINUTE))
    assert learning.kinds() == []


def test_blind_it_never_speaks_of_trust(make: MakeBench) -> None:
    bench = make(KNOWN)
    bench.feed(clicks(1))
    assert bench.controller.status.trust == 97
    bench.controller.set_capture_problem("DISPLAY is not set: start Steadyhand inside a graphical session", 0)
    assert bench.kinds() == [AlertKind.CAPTURE_DEAD]
    assert (bench.controller.status.state, bench.controller.status.trust) == (State.CANNOT_SEE, None)
    assert "DISPLAY is not set" in bench.controller.status.detail
    bench.feed(clicks(1, SECOND))
    assert (bench.controller.status.state, bench.controller.status.trust) == (State.CANNOT_SEE, None)
    bench.controller.use_mouse(MOUSE, 2 * SECOND)
    bench.feed(Boundary(3 * SECOND, Cause.SCREEN_UNLOCKED))
    assert (bench.controller.status.state, bench.controller.status.trust) == (State.CANNOT_SEE, None)
    bench.controller.set_capture_problem("", 4 * SECOND)
    assert (bench.controller.status.state, bench.controller.status.trust) == (State.PROTECTING, None)


def test_a_pause_is_reported_and_ends(make: MakeBench) -> None:
    told = Settings(response=settings.ResponseSettings(pause_most_min=7))
    bench = make(KNOWN, told=told)
    bench.owner.pause(SECOND)
    assert bench.owner.pause_ends_ns == SECOND + 7 * MINUTE
    assert bench.controller.status.state is State.PAUSED
    assert bench.kinds() == [AlertKind.PAUSED]
    bench.owner.resume(2 * SECOND)
    assert bench.controller.status.state is State.PROTECTING


def test_a_proven_owner_starts_with_full_trust_again(make: MakeBench) -> None:
    bench = make(KNOWN, (S,))
    bench.feed(clicks(1))
    bench.controller.confirm_owner(None)
    assert bench.made[0].restarts == 1
    assert bench.controller.status.trust is None


@pytest.mark.parametrize("chosen", [SelectedProfile(None), KNOWN])
def test_while_a_program_moves_the_mouse_the_person_is_told_why_nothing_is_learnt(
    make: MakeBench, chosen: SelectedProfile
) -> None:
    bench = make(chosen)
    hand = clicks(3)
    program = replace(clicks(3, 20 * SECOND), synthetic=np.ones(len(clicks(3)), np.bool_))
    bench.feed(hand)
    assert not bench.controller.status.moved_by_program
    bench.feed(program)
    assert bench.controller.status.moved_by_program
    assert "A program moves the mouse, such as remote help" in bench.controller.status.detail
    bench.feed(clicks(1, 60 * SECOND))
    assert not bench.controller.status.moved_by_program
    assert "A program moves" not in bench.controller.status.detail


def test_enrolled_anew_the_owner_is_learnt_and_nothing_judges_or_locks_meanwhile(make: MakeBench) -> None:
    bench = make(KNOWN, (S, X), told=ENFORCE)
    bench.feed(clicks(1))
    bench.owner.enrol_anew(None, SECOND)
    assert bench.set_aside == 1
    assert bench.controller.status.state is State.LEARNING
    assert (bench.controller.status.profile_id, bench.controller.protection) == ("", None)
    reports = len(bench.alerts)
    bench.feed(clicks(30, MINUTE))
    assert (bench.locks, len(bench.alerts)) == ([], reports)
    assert bench.controller.enrolment is not None
    assert bench.controller.enrolment.actions >= 29


def test_that_somebody_cannot_be_enrolled_anew_is_reported_and_the_profile_goes_on(make: MakeBench) -> None:
    bench = make(KNOWN)

    def full() -> None:
        raise SteadyhandError("no space left on the device", "make room")

    bench.set_profiles_aside = full  # type: ignore[method-assign]
    bench.owner.enrol_anew(None, SECOND)
    assert bench.kinds() == [AlertKind.PROFILE_REJECTED]
    assert "cannot be enrolled anew" in bench.alerts[0].message
    assert bench.controller.status.state is State.PROTECTING


def test_a_false_alarm_is_answered_counted_and_closed_for_the_security_team(make: MakeBench) -> None:
    bench = make(KNOWN, (S, G, S))
    bench.feed(clicks(1))
    finding = bench.alerts[-1]
    assert bench.controller.status.doubted_unix_s == finding.time_unix_ns / 1e9
    bench.feed(clicks(1, MINUTE))
    assert bench.controller.status.state is State.PROTECTING
    assert bench.controller.status.doubted_unix_s is not None, "it can still be answered when trust is back"
    bench.controller.confirm_owner(None)
    closed = bench.alerts[-1]
    assert (closed.finding_id, closed.activity) == (finding.finding_id, Activity.CLOSE)
    assert closed.detail["false_alarms"] == bench.controller.status.false_alarms == 1
    assert bench.controller.status.doubted_unix_s is None
    bench.controller.confirm_owner(None)
    assert bench.alerts[-1] is closed, "without a finding there is nothing to answer"
    assert bench.controller.status.false_alarms == 1


def proven(bench: Bench) -> list[str]:
    """The proofs in the stream of the first protection."""
    fed = bench.made[0].fed
    return [item.detail for item in fed if isinstance(item, Boundary) and item.cause is Cause.PROVEN]


def test_an_unlock_that_the_system_authenticated_is_a_proof_in_the_stream(make: MakeBench) -> None:
    bench = make(KNOWN)
    bench.feed(clicks(1), Boundary(SECOND, Cause.SCREEN_LOCKED))
    bench.authentication = SystemAuthentication(5 * SECOND, "gdm-password")
    bench.feed(Boundary(6 * SECOND, Cause.SCREEN_UNLOCKED))
    assert proven(bench) == ["unlock"]
    last, proof = bench.made[0].fed[-2:]
    assert isinstance(last, Boundary)
    assert isinstance(proof, Boundary)
    assert (last.cause, proof.cause) == (Cause.SCREEN_UNLOCKED, Cause.PROVEN), "in this order"


def test_an_unlock_without_an_authentication_is_none(make: MakeBench) -> None:
    bench = make(KNOWN)
    bench.authentication = SystemAuthentication(0, "gdm-password")
    bench.feed(clicks(1), Boundary(SECOND, Cause.SCREEN_LOCKED), Boundary(6 * SECOND, Cause.SCREEN_UNLOCKED))
    assert proven(bench) == []


def test_a_login_just_before_the_start_is_a_proof(make: MakeBench) -> None:
    bench = make(KNOWN)
    bench.authentication = SystemAuthentication(MINUTE, "gdm-password")
    bench.controller.take_login_proof(MINUTE + SECOND)
    assert proven(bench) == ["login"]


def test_a_due_renewal_records_proven_sessions_and_a_finding_deletes_its_session(
    make: MakeBench, tmp_path: Path
) -> None:
    bench = make(KNOWN, (G, G, S))
    recorder = an_enrolment(tmp_path / "recordings")
    bench.renewing = RenewalRecorder(recorder, RecordingLedger(Paths.under(tmp_path)))
    bench.controller.use_mouse(MOUSE, 0)
    bench.feed(clicks(5, SECOND))
    assert recorder.actions == 0
    bench.feed(Boundary(10 * SECOND, Cause.SCREEN_LOCKED))
    bench.authentication = SystemAuthentication(15 * SECOND, "gdm-password")
    bench.feed(Boundary(16 * SECOND, Cause.SCREEN_UNLOCKED), clicks(5, 17 * SECOND))
    assert recorder.actions == 5
    assert bench.controller.status.state is State.PROTECTING
    bench.feed(clicks(5, 30 * SECOND))
    assert recorder.actions == 0
    assert AlertKind.SUSPICIOUS in bench.kinds()


def test_a_baseline_that_is_taken_stands_in_the_record_with_its_proof(make: MakeBench) -> None:
    bench = make(KNOWN)
    bench.feed(Boundary(SECOND, Cause.SCREEN_LOCKED))
    bench.authentication = SystemAuthentication(5 * SECOND, "gdm-password")
    bench.feed(Boundary(6 * SECOND, Cause.SCREEN_UNLOCKED))
    bench.made[0].baseline = DayBaseline(
        BaselineStage.COLLECTING, Proof.UNLOCK, collected=Stretch(actions=50)
    )
    bench.feed(clicks(1, 7 * SECOND))
    assert bench.kinds() == []
    bench.made[0].baseline = DayBaseline(BaselineStage.TAKEN, Proof.UNLOCK, collected=Stretch(actions=200))
    bench.feed(clicks(1, 8 * SECOND))
    bench.feed(clicks(1, 9 * SECOND))
    (alert,) = bench.alerts
    assert (alert.kind, alert.severity) == (AlertKind.BASELINE_TAKEN, Severity.LOW)
    assert "200 actions, opened by unlock (gdm-password)" in alert.message
    assert alert.detail["proof_monotonic_ns"] == 5 * SECOND


def test_after_two_proven_false_locks_a_day_it_only_alerts_and_says_so(make: MakeBench) -> None:
    bench = make(KNOWN, (X,), ENFORCE)
    for n in range(4):
        bench.feed(clicks(1, n * MINUTE))
        bench.controller.confirm_owner(None)
    assert len(bench.locks) == 2
    assert bench.controller.status.locks_suspended
    (said,) = [alert for alert in bench.alerts if "only alerts until tomorrow" in alert.message]
    assert said.detail["locks_suspended"] is True
    findings = [a for a in bench.alerts if (a.kind, a.activity) == (AlertKind.INTRUDER, Activity.CREATE)]
    assert [finding.detail["would_lock"] for finding in findings] == [True, True], "it goes on alerting"


def test_false_alarms_without_a_lock_suspend_nothing(make: MakeBench) -> None:
    bench = make(KNOWN, (S,), ENFORCE)
    for n in range(5):
        bench.feed(clicks(1, n * MINUTE))
        bench.controller.confirm_owner(None)
    assert bench.controller.status.false_alarms == 5
    assert not bench.controller.status.locks_suspended


def test_the_status_tells_how_the_mouse_is_set(make: MakeBench) -> None:
    assert make(KNOWN).controller.status.configuration == MOUSE


def test_rejected_profiles_are_reported_and_it_goes_on(make: MakeBench) -> None:
    bench = make(SelectedProfile(None, problems=("x.profile is damaged: have it made again",)), told=LEARN)
    assert bench.kinds() == [AlertKind.PROFILE_REJECTED]
    assert "x.profile" in bench.alerts[0].message
    assert bench.controller.status.state is State.LEARNING


def test_a_profile_that_cannot_be_put_to_work_is_reported_and_it_goes_on(
    make: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = make()

    def refuse(*_: object, **__: object) -> None:
        raise SteadyhandError("features that this version does not measure: tilt", "update it")

    monkeypatch.setattr("agent.runtime.pipeline.session_cache.Protection", refuse)
    bench.chosen = KNOWN
    bench.controller.use_mouse(MOUSE, SECOND)
    assert bench.kinds() == [AlertKind.PROFILE_REJECTED]
    assert bench.controller.protection is None
    assert bench.controller.status.state in (State.LEARNING, State.NO_EVIDENCE)
    assert bench.controller.status.profile_id == ""


def test_a_folder_of_recordings_that_cannot_be_used_does_not_end_it(
    make: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = make()

    def refuse(_: object) -> None:
        raise SteadyhandError("recordings.key is open to others", "chmod 600 recordings.key")

    monkeypatch.setattr(bench, "begin", refuse)
    bench.controller.use_mouse(MOUSE, SECOND)
    assert bench.controller.status.state is State.NO_EVIDENCE
    assert "chmod 600" in bench.controller.status.detail


def enforcing(**capture: Any) -> Settings:
    return Settings(
        judgement=settings.JudgementSettings(mode="enforce"),
        capture=CaptureSettings(synthetic_grace_min=2.0, **capture),
    )


def a_program_works(bench: Bench, minutes: int, source: int) -> None:
    """Clicks of a program, without a hand."""
    for t in range(minutes * 60):
        bench.feed(clicks(1, t * SECOND, source=source, synthetic=True))


@pytest.mark.parametrize("source", [UNKNOWN_SOURCE, 4])
def test_who_works_through_a_program_alone_is_locked_after_the_grace_time(
    make: MakeBench, source: int
) -> None:
    bench = make(KNOWN, told=enforcing(synthetic_answer="lock"))
    a_program_works(bench, 1, source)
    assert bench.locks == []
    a_program_works(bench, 3, source)
    assert {alert.kind for alert in bench.locks} == {AlertKind.SYNTHETIC_INPUT}


def test_by_default_a_program_is_reported_and_nobody_locked(make: MakeBench) -> None:
    bench = make(KNOWN, told=enforcing())
    a_program_works(bench, 5, 4)
    assert bench.locks == []
    assert set(bench.kinds()) == {AlertKind.SYNTHETIC_INPUT}


def dwell(bench: Bench, minutes: int, source: int) -> None:
    """A hand that moves, and a program that clicks where it rests, once in three seconds."""
    for t_ns in range(0, minutes * MINUTE, 3 * SECOND):
        moves = clicks(1, t_ns, source=DESK)[:13]
        click = clicks(1, t_ns + SECOND, source=source, synthetic=True)[13:]
        bench.feed(moves)
        bench.feed(click)


@pytest.mark.parametrize(
    ("source", "capture"),
    [(4, {}), (4, {"synthetic_allowed_for": ("ada",)}), (7, {"synthetic_allowed_for": ("ada",)})],
    ids=["a device of its own", "allowed", "allowed, from the mouse's own device"],
)
def test_dwell_click_locks_nobody(make: MakeBench, source: int, capture: dict[str, Any]) -> None:
    bench = make(KNOWN, (G,), enforcing(synthetic_answer="lock", **capture))
    bench.mice = {DESK: MOUSE}
    dwell(bench, 30, source)
    assert bench.locks == []
    assert bench.made[0].batches, "the hand's movement is judged all the same"
    if capture:
        assert bench.kinds() == []


def test_the_balance_stands_still_while_the_screen_is_locked(make: MakeBench) -> None:
    bench = make(KNOWN, told=enforcing(synthetic_answer="lock"))
    bench.feed(Boundary(0, Cause.SCREEN_LOCKED))
    a_program_works(bench, 5, 4)
    assert bench.locks == []


def test_capture_that_is_interrupted_again_and_again_ends_where_policy_says(make: MakeBench) -> None:
    bench = make(KNOWN, told=enforcing(restarts_answer="lock", restarts_most_per_hour=2))
    for n in range(3):
        bench.feed(Boundary(n * MINUTE, Cause.CAPTURE_RESTARTED, "no events came"))
    assert [alert.kind for alert in bench.locks] == [AlertKind.CAPTURE_DEAD]


DESK, BORROWED = 7, 9


def two_mice(make: MakeBench, verdicts: tuple[Verdict, ...] = (G,), told: Settings | None = None) -> Bench:
    """A desk where the first mouse is enrolled, and another one is plugged in."""
    bench = make(KNOWN, verdicts, told)
    bench.mice = {DESK: MOUSE, BORROWED: OTHER_MOUSE}
    bench.by_mouse = {MOUSE.key: KNOWN, OTHER_MOUSE.key: SelectedProfile(a_profile(), exact=False)}
    return bench


def test_the_mouse_that_moves_decides_whose_profile_judges(make: MakeBench) -> None:
    bench = two_mice(make)
    bench.feed(clicks(1, source=DESK))
    assert bench.controller.status.state is State.PROTECTING
    bench.feed(clicks(1, SECOND, source=BORROWED))
    assert bench.controller.status.state is State.UNKNOWN_MOUSE
    assert bench.controller.status.mouse == "Borrowed Mouse"
    bench.feed(clicks(1, 2 * SECOND, source=DESK))
    assert bench.controller.status.state is State.PROTECTING
    desk, borrowed = bench.made
    assert [len(p.batches) for p in (desk, borrowed)] == [2, 1], "each saw its own mouse alone"
    assert (desk.known_mouse, borrowed.known_mouse) == (True, False)
    (told,) = [a for a in bench.alerts if a.kind is AlertKind.UNKNOWN_MOUSE]
    assert "Borrowed Mouse (vendor: 1532, enrolled 046d; product: 0084" in told.message


def test_two_mice_in_one_batch_are_parted_with_a_boundary_between(make: MakeBench) -> None:
    bench = two_mice(make)
    both = EventBatch.concat([clicks(1, source=DESK), clicks(1, SECOND, source=BORROWED)])
    bench.feed(both)
    desk, borrowed = bench.made
    assert [len(p.batches) for p in (desk, borrowed)] == [1, 1]
    last = desk.fed[-1]
    assert isinstance(last, Boundary)
    assert (last.cause, last.t_ns) == (Cause.MOUSE_CHANGED, SECOND)


def test_a_programs_pointer_is_nobodys_mouse(make: MakeBench) -> None:
    bench = two_mice(make, told=Settings(capture=CaptureSettings(trust_synthetic=True)))
    bench.feed(clicks(1, source=DESK), clicks(1, SECOND, source=4))
    assert len(bench.made) == 1
    assert bench.controller.status.mouse == "Desk Mouse"


def test_plugging_a_mouse_in_changes_nothing_until_it_moves(make: MakeBench) -> None:
    bench = two_mice(make)
    bench.feed(clicks(1, source=DESK), Boundary(SECOND, Cause.MOUSE_CHANGED, "Borrowed Mouse was plugged in"))
    assert bench.controller.status.state is State.PROTECTING
    assert len(bench.made) == 1


def test_another_cpi_selects_another_profile_at_the_boundary(make: MakeBench) -> None:
    bench = two_mice(make)
    bench.feed(clicks(1, source=DESK))
    faster = replace(MOUSE, cpi=1600)
    bench.mice[DESK] = faster
    bench.by_mouse[faster.key] = SelectedProfile(a_profile(), exact=False)
    bench.feed(Boundary(SECOND, Cause.MOUSE_CHANGED, "cpi"), clicks(1, 2 * SECOND, source=DESK))
    assert bench.controller.status.state is State.UNKNOWN_MOUSE
    assert bench.controller.status.detail == "cpi: 1600, enrolled unknown"


def test_the_mice_are_looked_at_while_they_move_and_not_while_they_rest(make: MakeBench) -> None:
    bench = two_mice(make)
    for t in range(0, 10):
        bench.feed(clicks(1, t * SECOND, source=DESK), now_ns=(t + 2) * SECOND)
    assert bench.looks == 5
    bench.feed(Boundary(60 * SECOND, Cause.GAP))
    assert bench.looks == 5


def test_a_known_mouse_that_moves_like_another_is_an_unknown_one(make: MakeBench) -> None:
    bench = two_mice(make, (U, U, G))
    bench.made[0].contradictions = ("report interval 16 ms, enrolled 8 ms",)
    bench.feed(clicks(1, source=DESK))
    assert bench.controller.status.state is State.UNKNOWN_MOUSE
    assert bench.controller.status.detail == "report interval 16 ms, enrolled 8 ms"
    bench.feed(clicks(1, SECOND, source=DESK))
    (told,) = bench.alerts
    assert told.kind is AlertKind.UNKNOWN_MOUSE
    assert "Desk Mouse does not move like the mouse that was enrolled" in told.message
    bench.made[0].contradictions = ()
    bench.feed(clicks(1, 2 * SECOND, source=DESK))
    assert bench.controller.status.state is State.PROTECTING


def test_use_of_a_mouse_that_moves_like_another_ends_where_policy_says(make: MakeBench) -> None:
    judgement = settings.JudgementSettings(
        mode="enforce", unknown_mouse_grace_min=5, unknown_mouse_answer="lock"
    )
    bench = two_mice(make, (U,), Settings(judgement=judgement))
    bench.made[0].contradictions = ("step 2 px, enrolled 1 px",)
    bench.feed(*use_for(6))
    assert [alert.kind for alert in bench.locks] == [AlertKind.UNKNOWN_MOUSE]


def test_changing_mice_in_a_loop_does_not_put_off_policys_answer(make: MakeBench) -> None:
    judgement = settings.JudgementSettings(
        mode="enforce", unknown_mouse_grace_min=5, unknown_mouse_answer="lock"
    )
    bench = two_mice(make, (U,), Settings(judgement=judgement))
    for n, t_ns in enumerate(range(0, 8 * MINUTE, MINUTE)):
        another = bench.mice[UNKNOWN_SOURCE] = replace(OTHER_MOUSE, serial=str(n))
        bench.by_mouse[another.key] = SelectedProfile(a_profile(), exact=False)
        bench.feed(Boundary(t_ns, Cause.MOUSE_CHANGED), *use_for(0.9, t_ns))
    assert len(bench.locks) >= 1


def test_an_expired_profile_says_until_when_it_alerts_and_that_it_does_not_lock(make: MakeBench) -> None:
    bench = make(SelectedProfile(a_profile(), exact=True, expired=True), (G,))
    (alert,) = bench.alerts
    assert "expired on 1 January 2027: until 15 January 2027 it alerts and does not lock" in alert.message
    assert alert.message.startswith(bench.controller.status.detail)
