"""Policy's answer to synthetic input that goes on, and to capture that is interrupted again and again."""

from __future__ import annotations

import pytest

from agent.alerts.alert import Alert, AlertKind
from agent.config.schema import CaptureSettings, JudgementSettings, Settings
from agent.runtime.pipeline.capture_integrity import CaptureIntegrityResponse
from agent.runtime.pipeline.synthetic_use import SyntheticUse
from tests.agent.runtime.fakes import MINUTE, SECOND, WORDING


class Responder:
    def __init__(self) -> None:
        self.alerts: list[Alert] = []
        self.locks: list[Alert] = []

    def alert(self, alert: Alert) -> None:
        self.alerts.append(alert)

    def lock(self, finding: Alert) -> None:
        self.locks.append(finding)


def settings(answer: str, mode: str = "enforce") -> Settings:
    capture = CaptureSettings(
        synthetic_grace_min=5.0, synthetic_answer=answer, restarts_most_per_hour=3, restarts_answer=answer
    )
    return Settings(capture=capture, judgement=JudgementSettings(mode=mode))


@pytest.fixture
def responder() -> Responder:
    return Responder()


def used(minutes: float) -> SyntheticUse:
    use = SyntheticUse()
    use.balance_ns = int(minutes * MINUTE)
    return use


@pytest.mark.parametrize(
    ("answer", "mode", "locks"), [("lock", "enforce", 1), ("lock", "shadow", 0), ("alert", "enforce", 0)]
)
def test_after_the_grace_time_policys_answer_follows_once(
    responder: Responder, answer: str, mode: str, locks: int
) -> None:
    response = CaptureIntegrityResponse(settings(answer, mode), responder, WORDING)
    response.check_synthetic(used(5.0))
    assert (responder.alerts, responder.locks) == ([], []), "not before"
    use = used(5.01)
    for _ in range(2):
        response.check_synthetic(use)
    findings = responder.locks + responder.alerts
    assert [finding.kind for finding in findings] == [AlertKind.SYNTHETIC_INPUT]
    assert "5 minutes" in findings[0].message
    assert len(responder.locks) == locks


@pytest.mark.parametrize(("answer", "locks"), [("lock", 1), ("alert", 0)])
def test_capture_that_is_interrupted_more_often_than_allowed_in_an_hour(
    responder: Responder, answer: str, locks: int
) -> None:
    response = CaptureIntegrityResponse(settings(answer), responder, WORDING)
    for n in range(3):
        response.capture_restarted(n * MINUTE)
    assert responder.alerts + responder.locks == []
    response.capture_restarted(3 * MINUTE)
    (finding,) = responder.alerts + responder.locks
    assert (finding.kind, len(responder.locks)) == (AlertKind.CAPTURE_DEAD, locks)
    assert "4 times within an hour" in finding.message
    response.capture_restarted(4 * MINUTE)
    assert len(responder.alerts + responder.locks) == 1, "counted anew"


def test_interruptions_spread_over_hours_are_no_attack(responder: Responder) -> None:
    response = CaptureIntegrityResponse(settings("lock"), responder, WORDING)
    for n in range(20):
        response.capture_restarted(n * (20 * MINUTE + SECOND))
    assert responder.alerts + responder.locks == []


def test_other_settings_hold_from_then_on(responder: Responder) -> None:
    response = CaptureIntegrityResponse(settings("alert"), responder, WORDING)
    response.apply_settings(settings("lock"))
    response.check_synthetic(used(6.0))
    assert len(responder.locks) == 1
