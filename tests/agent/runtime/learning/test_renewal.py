"""Renewal records proven sessions alone, none with a finding, and only when it is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.config.schema import EnrolmentSettings, Settings
from agent.engine.day_baseline import Proof
from agent.engine.events import Boundary, Cause
from agent.files.ledger import Gone, RecordingLedger
from agent.files.paths import Paths
from agent.files.private import private_dir
from agent.runtime.learning.begin_enrolment import LocalEnrolments, OpenRecording
from agent.runtime.learning.renewal import RenewalRecorder, is_due
from tests.agent.runtime.fakes import MINUTE, MOUSE, SECOND, a_profile, an_enrolment, clicks

WANTED = EnrolmentSettings(actions=100, sessions=2, until="counts", renew_days_before=30.0)
END = datetime(2027, 1, 1, tzinfo=UTC)


class Desk:
    """A renewal in its own folders."""

    def __init__(self, folder: Path) -> None:
        self.paths = Paths.under(private_dir(folder / "root"))
        private_dir(self.paths.state_dir)
        private_dir(self.paths.recordings_dir)
        self.ledger = RecordingLedger(self.paths)
        self.renewal = RenewalRecorder(an_enrolment(self.paths.recordings_dir, MOUSE, WANTED), self.ledger)
        self.ledger.gone()

    def prove(self, t_ns: int, proof: Proof = Proof.UNLOCK) -> None:
        self.renewal.append(Boundary(t_ns, Cause.PROVEN, proof.value))

    @property
    def actions(self) -> int:
        return self.renewal.enrolment.actions

    @property
    def files(self) -> int:
        return len(list(self.paths.recordings_dir.iterdir()))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.mark.parametrize("proof", [Proof.LOGIN, Proof.UNLOCK])
def test_a_session_is_recorded_from_its_proof_on(desk: Desk, proof: Proof) -> None:
    desk.renewal.append(clicks(10))
    assert (desk.actions, desk.files) == (0, 0)
    desk.prove(MINUTE, proof)
    desk.renewal.append(clicks(10, MINUTE + SECOND))
    desk.renewal.append(Boundary(2 * MINUTE, Cause.GAP))
    assert (desk.actions, desk.files) == (10, 1)


@pytest.mark.parametrize(
    "cause",
    [
        Cause.SCREEN_LOCKED,
        Cause.LOCKED_BY_VERDICT,
        Cause.SLEEP,
        Cause.USER_SWITCH,
        Cause.PAUSED,
        Cause.MOUSE_CHANGED,
        Cause.CLOCK_STEP,
        Cause.SCREEN_UNLOCKED,
    ],
)
def test_what_could_put_somebody_else_there_ends_it_until_the_next_proof(desk: Desk, cause: Cause) -> None:
    desk.prove(0)
    desk.renewal.append(clicks(10, SECOND))
    desk.renewal.append(Boundary(MINUTE, cause))
    desk.renewal.append(clicks(20, 2 * MINUTE))
    recorded = desk.actions
    assert recorded <= 10
    desk.prove(3 * MINUTE)
    desk.renewal.append(clicks(10, 4 * MINUTE))
    assert desk.actions > recorded


def test_ten_minutes_of_rest_end_it(desk: Desk) -> None:
    desk.prove(0)
    desk.renewal.append(clicks(10, SECOND))
    desk.renewal.append(clicks(10, 12 * MINUTE))
    assert desk.actions <= 10


def test_a_session_with_a_finding_is_deleted_and_nobody_is_blamed(desk: Desk) -> None:
    desk.prove(0)
    desk.renewal.append(clicks(10, SECOND))
    desk.renewal.enrolment.commit()
    assert desk.ledger.gone() == Gone()
    desk.renewal.discard_session()
    assert (desk.actions, desk.files) == (0, 0)
    assert desk.ledger.gone() == Gone()
    desk.renewal.append(clicks(10, MINUTE))
    assert (desk.actions, desk.files) == (0, 0)


def test_that_was_me_teaches_nothing(desk: Desk) -> None:
    """Whoever knows the password could otherwise teach the profile another hand, one confirmation at a time."""
    for n in range(10):
        desk.prove(n * MINUTE, Proof.CONFIRMED)
        desk.renewal.append(clicks(20, n * MINUTE + SECOND))
    assert (desk.actions, desk.files) == (0, 0)


def test_only_the_session_with_the_finding_goes(desk: Desk) -> None:
    desk.prove(0)
    desk.renewal.append(clicks(10, SECOND))
    desk.renewal.append(Boundary(MINUTE, Cause.SCREEN_LOCKED))
    first = desk.actions
    desk.prove(2 * MINUTE)
    desk.renewal.append(clicks(10, 3 * MINUTE))
    desk.renewal.discard_session()
    assert (desk.actions, desk.files) == (first, 1)


def test_enough_is_claimed_once(desk: Desk) -> None:
    for n in range(3):
        desk.prove(n * 30 * MINUTE)
        desk.renewal.append(clicks(60, n * 30 * MINUTE + SECOND))
        desk.renewal.append(Boundary((n * 30 + 20) * MINUTE, Cause.SCREEN_LOCKED))
    assert desk.renewal.enrolment.claim_training()
    assert not desk.renewal.enrolment.claim_training()


@pytest.mark.parametrize(
    ("days_left", "changes", "origin", "due"),
    [
        (29, {}, "local", True),
        (31, {}, "local", False),
        (-3, {}, "local", True),
        (29, {}, "administrator", False),
        (29, {"renew_days_before": 0.0}, "local", False),
        (29, {"local": False}, "local", False),
    ],
)
def test_it_is_due_before_the_end_of_a_local_profile_where_policy_says_so(
    days_left: int, changes: dict[str, object], origin: str, due: bool
) -> None:
    wanted = replace(WANTED, **changes)  # type: ignore[arg-type]
    assert is_due(a_profile(), origin, wanted, END - timedelta(days=days_left)) is due


def test_by_default_nothing_is_renewed() -> None:
    assert not is_due(a_profile(), "local", EnrolmentSettings(), END)


class Current:
    settings = Settings(enrolment=WANTED)

    def handed_over(self) -> None:
        """Recordings are not for the administrator."""


def test_recordings_that_the_profile_was_made_of_are_not_counted_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    old = an_enrolment(desk.paths.recordings_dir, MOUSE, WANTED)
    old.append(clicks(40))
    old.close()
    enrolments = LocalEnrolments(desk.paths, Current(), OpenRecording())
    late = datetime.now(UTC) + timedelta(days=10)
    profile = replace(a_profile(), created="2026-06-01T00:00:00+00:00", expires=late.isoformat())
    renewal = enrolments.renewal(MOUSE, profile, "local")
    assert renewal is not None
    assert renewal.enrolment.actions == 0, "their names say 2023"
    assert enrolments.renewal(MOUSE, profile, "administrator") is None
