"""Health alerts of the stream: one of a kind in ten minutes, with the number of those held back."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Final

from agent.alerts.alert import AlertKind
from agent.runtime.lifecycle.rate_limit import AlertRateLimit
from agent.runtime.pipeline.ports import AlertSink
from agent.runtime.response.alert_wording import AlertWording

ALERT_INTERVAL_NS: Final = 600_000_000_000


class HealthAlerts:
    """Rate-limited alerts about the stream and the agent itself. Worker thread only.

    Parameters
    ----------
    sink : AlertSink
    wording : AlertWording
    """

    def __init__(self, sink: AlertSink, wording: AlertWording) -> None:
        self._sink = sink
        self._wording = wording
        self._limit = AlertRateLimit(ALERT_INTERVAL_NS)

    def report(
        self, kind: AlertKind, message: str, now_ns: int, *, subject: Hashable = None, **detail: Any
    ) -> None:
        """Raise an alert, unless one of this kind about the same subject was raised within ten minutes.

        Parameters
        ----------
        kind : AlertKind
        message : str
        now_ns : int
            Monotonic time.
        subject : hashable, optional
            What makes two alerts alike; the message where it is not given.
        **detail
            Details of the alert.
        """
        key = (kind, subject or message)
        if self._limit.passes(key, now_ns):
            held_back = self._limit.held_back(key)
            self._sink.alert(self._wording.health(kind, message, held_back=held_back, **detail))
