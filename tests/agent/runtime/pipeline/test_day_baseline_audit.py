"""The audit of day baselines: one record for each that was taken, and a line for the person's own page."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.alerts.alert import Alert, AlertKind
from agent.engine.day_baseline import BaselineStage, DayBaseline, Proof
from agent.engine.day_stretch import Stretch
from agent.engine.events import Boundary, Cause
from agent.files.baseline_log import read_baselines
from agent.host.api import IdentityProof, SystemAuthentication
from agent.runtime.pipeline.day_baseline_audit import DayBaselineAudit
from agent.runtime.pipeline.health_alerts import HealthAlerts
from agent.runtime.pipeline.proof_intake import ProofIntake
from tests.agent.runtime.fakes import SECOND, WORDING

PROOF = IdentityProof(Proof.UNLOCK, 5 * SECOND, "gdm-password")
TAKEN = DayBaseline(BaselineStage.TAKEN, Proof.UNLOCK, collected=Stretch(actions=50, total=-15.0))


class Audited:
    """The audit with its alerts, and a system that authenticates."""

    def __init__(self, log_file: Path | None) -> None:
        self.authentication: SystemAuthentication | None = None
        self.alerts: list[Alert] = []
        proofs = ProofIntake(self, HealthAlerts(self, WORDING))
        self.audit = DayBaselineAudit(self, WORDING, proofs, log_file)

    def latest(self) -> SystemAuthentication | None:
        return self.authentication

    def alert(self, alert: Alert) -> None:
        self.alerts.append(alert)


@pytest.fixture
def log_file(tmp_path: Path) -> Path:
    os.chmod(tmp_path, 0o700)
    return tmp_path / "baselines.jsonl"


def test_a_baseline_is_recorded_once_with_its_proof_and_how_far_the_day_departs_stays_here(
    log_file: Path,
) -> None:
    audited = Audited(log_file)
    audited.audit.note(PROOF)
    audited.audit.follow(TAKEN)
    audited.audit.follow(TAKEN)
    (alert,) = audited.alerts
    assert alert.kind is AlertKind.BASELINE_TAKEN
    assert alert.detail["proof"] == "unlock"
    assert "-0.3" not in str(alert)
    (kept,) = read_baselines(log_file)
    assert (kept.proof, kept.authority, kept.actions, kept.departure_sd) == (
        "unlock",
        "gdm-password",
        50,
        -0.3,
    )


def test_a_log_that_cannot_be_written_costs_the_record_nothing(log_file: Path) -> None:
    log_file.mkdir()
    audited = Audited(log_file)
    audited.audit.note(PROOF)
    audited.audit.follow(TAKEN)
    assert [alert.kind for alert in audited.alerts] == [AlertKind.BASELINE_TAKEN]


def test_a_clock_step_between_the_authentication_and_the_unlock_leaves_no_proof(log_file: Path) -> None:
    audited = Audited(log_file)
    audited.audit.boundary(Boundary(SECOND, Cause.SCREEN_LOCKED), closed=True)
    audited.authentication = SystemAuthentication(3 * SECOND, "gdm-password")
    audited.audit.boundary(Boundary(4 * SECOND, Cause.CLOCK_STEP), closed=True)
    assert audited.audit.at_unlock(5 * SECOND) is None
