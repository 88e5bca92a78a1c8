"""Session alerts: reports what of the session cannot be observed for now, and locks that are claimed and not seen."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from agent.alerts.alert import AlertKind
from agent.host.session_fate import SessionFate
from agent.runtime.lifecycle.rate_limit import AlertRateLimit
from agent.runtime.pipeline.ports import AlertSink
from agent.runtime.response.alert_wording import AlertWording
from agent.runtime.status.status_merge import StatusMerge

_ALERT_EVERY_NS: Final = 600_000_000_000


class SessionAlerts:
    """Notes in the status what is not observed for now, and reports it once; reports locks that are not seen.

    Parameters
    ----------
    status : StatusMerge
    wording : AlertWording
    alerts : AlertSink
    clock : callable
        Monotonic nanoseconds.
    fate : callable
        What becomes of the session, as `SessionOutlook.fate` says it.
    """

    def __init__(
        self,
        status: StatusMerge,
        wording: AlertWording,
        alerts: AlertSink,
        clock: Callable[[], int] = time.monotonic_ns,
        fate: Callable[[], SessionFate] = lambda: SessionFate.UNKNOWN,
    ) -> None:
        self._fate = fate
        self._clock = clock
        self._limit = AlertRateLimit(_ALERT_EVERY_NS)
        self._status = status
        self._wording = wording
        self._alerts = alerts
        self._line = ""

    def unobserved(self, line: str) -> None:
        """See `SessionMonitor.start`: what went away, or empty when all is back. One thread at a time."""
        self._status.note(self._line, holds=False)
        if line:
            self._status.note(line, holds=True)
        # A session that ends takes its buses along: the end is reported, and is one cause.
        if line and self._fate() not in (SessionFate.ENDING, SessionFate.SHUTTING_DOWN):
            self._alerts.alert(self._wording.health(AlertKind.STREAM_BROKEN, line[:1].upper() + line[1:]))
        self._line = line

    def unseen_lock(self, line: str) -> None:
        """See `SessionMonitor.start`: a lock that somebody claims and nobody sees. Any thread."""
        if self._limit.passes(line, self._clock()):
            held_back = self._limit.held_back(line)
            self._alerts.alert(self._wording.health(AlertKind.LOCK_NOT_SEEN, line, held_back=held_back))
