"""Capture sight: why the mouse cannot be seen, and the alerts about it."""

from __future__ import annotations

from agent.alerts.alert import AlertKind
from agent.config.capture_settings import CaptureSettings
from agent.engine.sentence import quantity
from agent.host.obstruction import Obstruction
from agent.runtime.pipeline.health_alerts import HealthAlerts


class CaptureSight:
    """Reports capture that is not possible at once, and what obstructs it after policy's time. Worker thread only.

    Parameters
    ----------
    settings : CaptureSettings
    health : HealthAlerts
    """

    def __init__(self, settings: CaptureSettings, health: HealthAlerts) -> None:
        self._settings = settings
        self._health = health
        self._problem = ""
        self._obstruction = ""
        self._is_reported = False

    @property
    def cannot_see(self) -> str:
        """Why the mouse cannot be seen; empty while it can."""
        return self._problem or self._obstruction

    def apply_settings(self, settings: CaptureSettings) -> None:
        """Follow other settings from now on."""
        self._settings = settings

    def follow(self, problem: str, obstruction: Obstruction, now_ns: int) -> bool:
        """Take what is the matter now; True where why the mouse cannot be seen has changed."""
        if problem and problem != self._problem:
            self._health.report(AlertKind.CAPTURE_DEAD, f"The mouse cannot be seen: {problem}", now_ns)
        self._report_obstruction(obstruction, now_ns)
        before = self.cannot_see
        self._problem, self._obstruction = problem, obstruction.reason
        return self.cannot_see != before

    def _report_obstruction(self, obstruction: Obstruction, now_ns: int) -> None:
        """Report once what has cost more than policy's time; again after it has been seen for as long."""
        limit_s = self._settings.elevated_alert_s
        if not obstruction.unseen_ns:
            self._is_reported = False
        elif obstruction.reason and not self._is_reported and obstruction.unseen_ns > limit_s * 1e9:
            self._is_reported = True
            seconds = quantity(limit_s, "second", form="g")
            message = f"The mouse has been moved unseen for more than {seconds}: {obstruction.reason}"
            self._health.report(AlertKind.CAPTURE_DEAD, message, now_ns)
