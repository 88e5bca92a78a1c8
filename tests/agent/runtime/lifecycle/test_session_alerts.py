"""What of the session cannot be observed is reported once, and not at all where the session itself ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.alerts.alert import AlertKind
from agent.host.session_fate import SessionFate
from agent.runtime.lifecycle.session_alerts import SessionAlerts
from agent.runtime.status.snapshot import Status
from agent.runtime.status.status_merge import StatusMerge
from tests.agent.runtime.fakes import WORDING
from tests.agent.runtime.lifecycle.test_run_reporter import Sink


@pytest.mark.parametrize(
    ("fate", "kinds"),
    [
        (SessionFate.GOES_ON, [AlertKind.STREAM_BROKEN]),
        (SessionFate.UNKNOWN, [AlertKind.STREAM_BROKEN]),
        (SessionFate.ENDING, []),
        (SessionFate.SHUTTING_DOWN, []),
    ],
)
def test_a_bus_that_goes_away_with_its_session_is_no_alert_of_its_own(
    tmp_path: Path, fate: SessionFate, kinds: list[AlertKind]
) -> None:
    sink = Sink()
    alerts = SessionAlerts(
        StatusMerge(tmp_path / "status.json", Status()), WORDING, sink, lambda: 0, lambda: fate
    )
    alerts.unobserved("the session bus went away")
    alerts.unobserved("")
    assert sink.kinds() == kinds
