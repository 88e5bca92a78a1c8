"""Session bus alerts: reports that changes of the session cannot be observed for now."""

from __future__ import annotations

from agent.alerts.alert import AlertKind
from agent.runtime.pipeline.ports import AlertSink
from agent.runtime.response.alert_wording import AlertWording
from agent.runtime.status.status_merge import StatusMerge


class SessionBusAlerts:
    """Notes in the status what is not observed for now, and reports it once.

    Parameters
    ----------
    status : StatusMerge
    wording : AlertWording
    alerts : AlertSink
    """

    def __init__(self, status: StatusMerge, wording: AlertWording, alerts: AlertSink) -> None:
        self._status = status
        self._wording = wording
        self._alerts = alerts
        self._line = ""

    def unobserved(self, line: str) -> None:
        """See `SessionMonitor.start`: what went away, or empty when all is back. One thread at a time."""
        self._status.note(self._line, holds=False)
        if line:
            self._status.note(line, holds=True)
            self._alerts.alert(self._wording.health(AlertKind.STREAM_BROKEN, line[:1].upper() + line[1:]))
        self._line = line
