"""Which authentications prove who is there now, and for which place in the stream."""

from __future__ import annotations

import pytest

from agent.alerts.alert import Alert, AlertKind
from agent.engine.day_baseline import Proof
from agent.engine.errors import SteadyhandError
from agent.host.api import SystemAuthentication
from agent.runtime.pipeline.health_alerts import HealthAlerts
from agent.runtime.pipeline.proof_intake import LOGIN_AGE_NS, ProofIntake
from tests.agent.runtime.fakes import MINUTE, SECOND, WORDING


class System:
    """The system's authentication, and the alerts."""

    def __init__(self) -> None:
        self.authentication: SystemAuthentication | None = None
        self.forged = False
        self.alerts: list[Alert] = []
        self.proofs = ProofIntake(self, HealthAlerts(self, WORDING))

    def latest(self) -> SystemAuthentication | None:
        if self.forged:
            raise SteadyhandError("/run/x belongs to user number 1000, not to 0", "chown 0 /run/x")
        return self.authentication

    def alert(self, alert: Alert) -> None:
        self.alerts.append(alert)

    def authenticates(self, t_ns: int) -> None:
        self.authentication = SystemAuthentication(t_ns, "gdm-password")


@pytest.fixture
def system() -> System:
    return System()


def test_an_unlock_by_the_system_is_a_proof_once(system: System) -> None:
    system.proofs.note_lock(10 * MINUTE)
    system.authenticates(12 * MINUTE)
    proof = system.proofs.at_unlock(12 * MINUTE + SECOND)
    assert proof is not None
    assert (proof.kind, proof.t_ns, proof.authority) == (Proof.UNLOCK, 12 * MINUTE, "gdm-password")
    system.proofs.note_lock(13 * MINUTE)
    assert system.proofs.at_unlock(14 * MINUTE) is None, "the next lock ended without an authentication"


def test_a_bare_unlock_or_a_locker_that_ended_proves_nothing(system: System) -> None:
    system.authenticates(5 * MINUTE)
    system.proofs.note_lock(10 * MINUTE)
    assert system.proofs.at_unlock(11 * MINUTE) is None
    assert system.alerts == []


def test_an_unlock_without_a_lock_is_none(system: System) -> None:
    system.authenticates(5 * MINUTE)
    assert system.proofs.at_unlock(6 * MINUTE) is None


def test_the_first_of_several_locks_counts(system: System) -> None:
    system.proofs.note_lock(10 * MINUTE)
    system.authenticates(11 * MINUTE)
    system.proofs.note_lock(12 * MINUTE)
    assert system.proofs.at_unlock(13 * MINUTE) is not None


def test_a_login_counts_for_an_agent_that_starts_soon_after(system: System) -> None:
    system.authenticates(10 * MINUTE)
    proof = system.proofs.at_start(10 * MINUTE + LOGIN_AGE_NS - SECOND)
    assert proof is not None
    assert proof.kind is Proof.LOGIN
    late = System()
    late.authenticates(10 * MINUTE)
    assert late.proofs.at_start(10 * MINUTE + LOGIN_AGE_NS) is None


def test_automatic_login_has_no_proof(system: System) -> None:
    assert system.proofs.at_start(MINUTE) is None


def test_a_clock_step_between_proof_and_stream_leaves_no_proof(system: System) -> None:
    system.proofs.note_lock(10 * MINUTE)
    system.authenticates(12 * MINUTE)
    system.proofs.note_clock_step(12 * MINUTE + 1)
    assert system.proofs.at_unlock(13 * MINUTE) is None
    system.proofs.note_lock(14 * MINUTE)
    system.authenticates(15 * MINUTE)
    assert system.proofs.at_unlock(16 * MINUTE) is not None, "a later proof counts again"


def test_a_time_that_has_not_come_yet_proves_nothing(system: System) -> None:
    system.proofs.note_lock(10 * MINUTE)
    system.authenticates(99 * MINUTE)
    assert system.proofs.at_unlock(11 * MINUTE) is None


def test_a_forged_proof_has_no_effect_and_raises_an_alert(system: System) -> None:
    system.forged = True
    system.proofs.note_lock(10 * MINUTE)
    assert system.proofs.at_unlock(11 * MINUTE) is None
    assert system.proofs.at_start(11 * MINUTE) is None
    (alert,) = system.alerts
    assert alert.kind is AlertKind.PROOF_REJECTED
    assert "belongs to user number 1000" in alert.message
