"""What alerts say: every kind has its severity, findings say who and why, updates keep the finding's id."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.alerts.alert import Activity, AlertKind, Severity
from agent.engine.sequential_test import Verdict
from agent.engine.verifier import Judgement
from agent.host.api import LockReport, LockResult
from tests.agent.runtime.fakes import SECOND, WORDING

JUDGED = Judgement(
    30 * SECOND,
    Verdict.INTRUDER,
    0.4,
    -1.23456,
    9.87654,
    17,
    12 * SECOND,
    ("jerkiness: much higher than the owner's (jerk_mean_px_s3 +0.9 sd over 17 actions)",),
    reason_groups=("speed differs much from the owner's", "clicking differs a little from the owner's"),
)


@pytest.mark.parametrize("kind", [kind for kind in AlertKind if kind is not AlertKind.LOSS])
def test_every_kind_can_be_raised(kind: AlertKind) -> None:
    alert = WORDING.health(kind, "what happened", held_back=3)
    assert alert.kind is kind
    assert alert.activity is Activity.CREATE
    assert (alert.user, alert.host, alert.message) == ("ada", "desk-7", "what happened")
    assert alert.detail["held_back"] == 3
    assert alert.detail.keys() <= {"held_back", "playbook"}
    assert alert.time_unix_ns == 1_700_000_000_000_000_000


def test_what_ends_protection_is_louder_than_comfort() -> None:
    def severity(kind: AlertKind) -> Severity:
        return WORDING.health(kind, "x").severity

    assert severity(AlertKind.LOCK_FAILED) is Severity.CRITICAL
    assert severity(AlertKind.INTRUDER) > severity(AlertKind.SUSPICIOUS) > severity(AlertKind.PAUSED)


@pytest.mark.parametrize(
    ("result", "severity"),
    [
        (LockResult.LOCKED, Severity.MEDIUM),
        (LockResult.BLOCKED, Severity.CRITICAL),
        (LockResult.FAILED, Severity.CRITICAL),
    ],
)
def test_how_grave_it_is_follows_from_what_was_done(result: LockResult, severity: Severity) -> None:
    """An intruder before a locked screen is contained, one before an open screen is not."""
    create = WORDING.finding(AlertKind.INTRUDER, JUDGED, {})
    assert create.severity is Severity.HIGH
    assert WORDING.lock_result(create, LockReport(result, "i3lock", 5, ())).severity is severity


def test_whose_session_it_is_and_what_to_do_stand_in_every_alert() -> None:
    wording = replace(WORDING, origin={"uid": "1000", "seat": "seat0"}, playbooks="https://wiki.example/p/")
    create = wording.finding(AlertKind.INTRUDER, JUDGED, {})
    assert create.detail["origin"] == {"uid": "1000", "seat": "seat0"}
    assert create.detail["playbook"] == "https://wiki.example/p/intruder.md"
    failed = wording.lock_result(create, LockReport(LockResult.FAILED, "i3lock", 5, ()))
    assert failed.detail["origin"] == {"uid": "1000", "seat": "seat0"}
    assert failed.detail["playbook"] == "https://wiki.example/p/lock-failed.md"
    started = wording.health(AlertKind.STARTED, "The agent started")
    assert "playbook" not in started.detail


def test_a_finding_says_how_sure_how_long_and_why() -> None:
    alert = WORDING.finding(AlertKind.INTRUDER, JUDGED, {"mode": "enforce"})
    assert alert.message == "The mouse is moved unlike its owner: 17 actions in 18 s"
    assert alert.reasons == (
        "speed differs much from the owner's",
        "clicking differs a little from the owner's",
    )
    assert alert.detail == {
        "verdict": "intruder",
        "trust": 0,
        "evidence_llr": -1.235,
        "statistic": 9.877,
        "actions": 17,
        "seconds": 18.0,
        "mode": "enforce",
        "playbook": "intruder",
    }
    assert "moved somewhat unlike its owner" in WORDING.finding(AlertKind.SUSPICIOUS, JUDGED, {}).message


@pytest.mark.parametrize("result", list(LockResult))
def test_the_update_keeps_the_finding_and_says_what_became_of_it(result: LockResult) -> None:
    create = WORDING.finding(AlertKind.INTRUDER, JUDGED, {"mode": "enforce"})
    update = WORDING.lock_result(create, LockReport(result, "i3lock", 5, ("i3lock: tried",)))
    locked = result is LockResult.LOCKED
    assert update.kind is (AlertKind.LOCK_RESULT if locked else AlertKind.LOCK_FAILED)
    assert update.activity is Activity.UPDATE
    assert update.finding_id == create.finding_id
    assert update.record_id != create.record_id
    assert ("NOT" in update.message) is not locked
    assert update.detail["lock"] == result.value
    assert update.detail["trust"] == 0, "what the finding said is still there"


def test_two_findings_are_two() -> None:
    one, other = (WORDING.health(AlertKind.STARTED, "x") for _ in range(2))
    assert one.finding_id != other.finding_id


@pytest.mark.parametrize("result", list(LockResult))
def test_records_of_one_finding_never_contradict_each_other(result: LockResult) -> None:
    """What the Create said stands in every later record; what became of it is added. The playbook alone may change."""
    context = {"mode": "enforce", "would_lock": True, "posterior": 0.02, "estimated": False}
    create = WORDING.finding(AlertKind.INTRUDER, JUDGED, context)
    later = (
        WORDING.lock_result(create, LockReport(result, "i3lock", 5, ())),
        WORDING.lock_withdrawn(create),
        WORDING.was_me(create, 2),
    )
    lasting = {name: said for name, said in create.detail.items() if name != "playbook"}
    for record in later:
        assert lasting.items() <= record.detail.items()
        assert (record.finding_id, record.reasons, record.user) == (
            create.finding_id,
            create.reasons,
            create.user,
        )
    locked = later[0]
    assert (locked.kind is AlertKind.LOCK_RESULT) == (locked.detail["lock"] == "locked")
