"""What is said while the session's buses cannot be heard."""

from __future__ import annotations

from collections.abc import Callable

from agent.alerts.alert import Alert, AlertKind
from agent.runtime.response.alert_wording import Wording
from agent.runtime.status.status_merge import StatusMerge


class SessionBusAlerts:
    """Notes on the status what is not noticed for now, and reports it once.

    Parameters
    ----------
    board : StatusMerge
    wording : Wording
    alert : callable
        Reports one; returns at once.
    """

    def __init__(self, board: StatusMerge, wording: Wording, alert: Callable[[Alert], object]) -> None:
        self._board = board
        self._wording = wording
        self._alert = alert
        self._line = ""

    def deaf(self, line: str) -> None:
        """See `SessionMonitor.start`: what went away, or empty when all is back. One thread at a time."""
        self._board.note(self._line, holds=False)
        if line:
            self._board.note(line, holds=True)
            self._alert(self._wording.health(AlertKind.STREAM_BROKEN, line[:1].upper() + line[1:]))
        self._line = line
