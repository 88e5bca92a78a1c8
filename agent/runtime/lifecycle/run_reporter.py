"""Run reporter: alerts on how the last run ended, what a proven identity allowed, and how this run ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from agent.alerts.alert import Alert, AlertKind, Severity
from agent.alerts.chained_delivery import Before
from agent.files.version import ProgramVersion
from agent.host.servicemanager import ServiceManager
from agent.host.start_environment import UNTOUCHED, StartFindings
from agent.runtime.lifecycle.run_alerts import EndOfRun, confirmed, restarted, stopped, upgraded
from agent.runtime.lifecycle.self_observation import boot_and_wall
from agent.runtime.pipeline.ports import AlertSink
from agent.runtime.response.alert_wording import AlertWording
from agent.runtime.status.snapshot import Command

_SHUTDOWN_TAKES_NS: Final = 120_000_000_000


class RunReporter:
    """Reports the beginning and the end of the agent's runs.

    Parameters
    ----------
    wording : AlertWording
    alerts : AlertSink
    manager : ServiceManager
    clock : callable
        Monotonic nanoseconds.
    """

    def __init__(
        self,
        wording: AlertWording,
        alerts: AlertSink,
        manager: ServiceManager,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._clock = clock
        self._shutdown_told_ns: int | None = None
        self._wording = wording
        self._alerts = alerts
        self._manager = manager
        self._quit_proven = False
        self._end_reason = ""

    def previous_run(self, before: Before, session: str = "", program: ProgramVersion | None = None) -> None:
        """Report whether another version ran before, and how that run ended, if it did not say so.

        Parameters
        ----------
        before : Before
        session : str
            This one, as `restarted` takes it.
        program : ProgramVersion, optional
            What runs now.
        """
        if program is not None:
            # First of all: from the first alert on, the chain's mark names the new version.
            self._raise(upgraded(before, program, self._wording))
        self._raise(restarted(before, boot_and_wall(), self._wording, session))

    def started(self, problems: Sequence[str], start: StartFindings = UNTOUCHED) -> None:
        """Report that this run started, and which policies and declarations are not used, a line each.

        Parameters
        ----------
        problems : sequence of str
            An alert each.
        start : StartFindings
            Foreign code makes the start itself a severe alert; another session's environment is one of its own.
        """
        alert = self._wording.health(AlertKind.STARTED, "The agent started")
        if start.foreign_code:
            message = f"{alert.message}, and may have been tampered with: {'; '.join(start.foreign_code)}"
            alert = replace(alert, severity=Severity.HIGH, message=message)
        self._raise(alert)
        if start.foreign_session:
            lines = "; ".join(start.foreign_session)
            message = f"The agent was started for another session than its account's: {lines}"
            self._raise(self._wording.health(AlertKind.FOREIGN_ENVIRONMENT, message))
        for problem in problems:
            self._raise(self._wording.health(AlertKind.POLICY_REJECTED, problem))

    def confirmed(self, command: Command) -> None:
        """Report that a proven identity allowed `command`. Any thread."""
        self._quit_proven |= command is Command.QUIT
        self._raise(confirmed(command, self._wording))

    def session_ends(self, reason: str) -> None:
        """Note who ends this run, for its final alert: a log-off, a shutdown, an installer. Any thread."""
        self._end_reason = reason

    def shutdown_begins(self) -> None:
        """Report that the computer shuts down, while there is time: what follows may be cut off. Any thread."""
        self._shutdown_told_ns = self._clock()
        self._raise(stopped(EndOfRun.SHUTDOWN, self._wording))

    def final_alert(self, end: EndOfRun) -> Alert | None:
        """The alert at the end of the run; None where the owner's proven wish or the shutdown has been reported."""
        told_ns = self._shutdown_told_ns
        # A shutdown that was called off explains no later end.
        is_told = told_ns is not None and self._clock() - told_ns < _SHUTDOWN_TAKES_NS
        if self._quit_proven or is_told:
            return None
        reason = self._end_reason if end is EndOfRun.UNKNOWN else ""
        return stopped(EndOfRun.SESSION_END if reason else end, self._wording, reason)

    @property
    def ends_for_good(self) -> bool:
        """True after the owner ended the agent with a proven identity, where any other end is undone."""
        return self._quit_proven and self._manager.restarts_us

    def _raise(self, alert: Alert | None) -> None:
        if alert is not None:
            self._alerts.alert(alert)
