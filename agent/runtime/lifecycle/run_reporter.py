"""Run reporter: alerts on how the last run ended, what a proven identity allowed, and how this run ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agent.alerts.alert import Alert, AlertKind, Severity
from agent.alerts.chained_delivery import Before
from agent.host.servicemanager import ServiceManager
from agent.host.start_environment import UNTOUCHED, StartFindings
from agent.runtime.lifecycle.run_alerts import confirmed, restarted, stopped
from agent.runtime.lifecycle.self_observation import boot_and_wall
from agent.runtime.pipeline.ports import AlertSink
from agent.runtime.response.alert_wording import AlertWording
from agent.runtime.status.snapshot import Command


class RunReporter:
    """Reports the beginning and the end of the agent's runs.

    Parameters
    ----------
    wording : AlertWording
    alerts : AlertSink
    manager : ServiceManager
    """

    def __init__(self, wording: AlertWording, alerts: AlertSink, manager: ServiceManager) -> None:
        self._wording = wording
        self._alerts = alerts
        self._manager = manager
        self._quit_proven = False
        self._end_reason = ""

    def previous_run(self, before: Before) -> None:
        """Report how the run before ended, if it was killed."""
        self._raise(restarted(before, boot_and_wall(), self._wording))

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

    def final_alert(self, *, ordered: bool) -> Alert | None:
        """The alert at the end of the run; None where the owner's proven wish has been reported.

        Parameters
        ----------
        ordered : bool
            False if an error ended the agent.
        """
        return None if self._quit_proven else stopped(ordered, self._wording, self._end_reason)

    @property
    def ends_for_good(self) -> bool:
        """True after the owner ended the agent with a proven identity, where any other end is undone."""
        return self._quit_proven and self._manager.restarts_us

    def _raise(self, alert: Alert | None) -> None:
        if alert is not None:
            self._alerts.alert(alert)
