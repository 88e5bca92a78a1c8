"""The table of causes and what each raises: one cause, one alert."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.alerts.alert import AlertKind, Severity
from agent.config.schema import Settings
from agent.engine.events import Boundary, Cause
from agent.engine.sequential_test import Verdict
from agent.runtime.pipeline.boundary_alerts import ALERT_OF_CAUSE
from agent.runtime.pipeline.profile_selection import SelectedProfile
from tests.agent.runtime.fakes import MINUTE, MOUSE, SECOND, Bench, a_profile

RAISED = {
    Cause.OVERFLOW: [AlertKind.STREAM_BROKEN],
    Cause.CAPTURE_RESTARTED: [AlertKind.STREAM_BROKEN],
    Cause.CLOCK_STEP: [AlertKind.STREAM_BROKEN],
    Cause.SLEEP: [AlertKind.AWAKE],
}


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    made = Bench(
        tmp_path / "recordings", SelectedProfile(a_profile(), exact=True), (Verdict.GENUINE,), Settings()
    )
    monkeypatch.setattr("agent.runtime.pipeline.session_cache.Protection", made.protection)
    made.controller.use_mouse(MOUSE, 0)
    return made


@pytest.mark.parametrize("cause", list(Cause), ids=lambda cause: cause.label)
def test_a_cause_raises_its_alert_and_no_other(cause: Cause, bench: Bench) -> None:
    bench.feed(Boundary(SECOND, cause, "ends" if cause is Cause.SLEEP else "detail"))
    assert bench.kinds() == RAISED.get(cause, [])


def test_every_cause_has_a_line_in_the_table() -> None:
    assert set(ALERT_OF_CAUSE) == set(Cause)


def test_each_sleep_is_reported_with_beginning_and_end_however_soon_the_next_comes(bench: Bench) -> None:
    for round_ in range(3):
        bench.feed(Boundary(round_ * MINUTE, Cause.SLEEP, "begins"))
        bench.feed(Boundary(round_ * MINUTE + SECOND, Cause.SLEEP, "ends"))
    assert bench.kinds() == [AlertKind.ASLEEP, AlertKind.AWAKE] * 3
    assert {alert.severity for alert in bench.alerts} == {Severity.INFORMATIONAL}
