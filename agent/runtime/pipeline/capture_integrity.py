"""Capture integrity: policy's response to lasting synthetic input and to repeated interruptions of capture."""

from __future__ import annotations

from collections import deque
from typing import Final

from agent.alerts.alert import Alert, AlertKind
from agent.config.schema import Settings
from agent.engine.sentence import quantity
from agent.runtime.pipeline.ports import FindingResponder
from agent.runtime.pipeline.synthetic_use import SyntheticUse
from agent.runtime.pipeline.unjudged_use import MINUTE_NS
from agent.runtime.response.alert_wording import AlertWording

_HOUR_NS: Final = 60 * MINUTE_NS


class CaptureIntegrityResponse:
    """Alerts, or locks where policy says so. Worker thread only.

    Parameters
    ----------
    settings : Settings
    responder : FindingResponder
    wording : AlertWording
    """

    def __init__(self, settings: Settings, responder: FindingResponder, wording: AlertWording) -> None:
        self._settings = settings
        self._responder = responder
        self._wording = wording
        self._restarts_ns: deque[int] = deque()

    def apply_settings(self, settings: Settings) -> None:
        """Follow other settings from now on; what was counted stays."""
        self._settings = settings

    def check_synthetic(self, use: SyntheticUse) -> None:
        """Respond once the balance of synthetic use exceeds the grace time, and begin again at zero."""
        capture = self._settings.capture
        if use.balance_ns <= capture.synthetic_grace_min * MINUTE_NS:
            return
        use.restart()
        minutes = quantity(capture.synthetic_grace_min, "minute", form="g")
        message = f"A program has moved the mouse for {minutes}, in the place of a hand that can be judged"
        self._respond(self._wording.health(AlertKind.SYNTHETIC_INPUT, message), capture.synthetic_answer)

    def capture_restarted(self, t_ns: int) -> None:
        """Respond once capture was restarted more often in an hour than policy allows, and count anew."""
        capture = self._settings.capture
        self._restarts_ns.append(t_ns)
        while t_ns - self._restarts_ns[0] > _HOUR_NS:
            self._restarts_ns.popleft()
        if len(self._restarts_ns) <= capture.restarts_most_per_hour:
            return
        message = (
            f"Capture of the mouse was interrupted {quantity(len(self._restarts_ns), 'time')} within an hour: "
            "somebody may be keeping the agent from seeing it"
        )
        self._restarts_ns.clear()
        self._respond(self._wording.health(AlertKind.CAPTURE_DEAD, message), capture.restarts_answer)

    def _respond(self, finding: Alert, answer: str) -> None:
        if answer == "lock" and self._settings.judgement.mode == "enforce":
            self._responder.lock(finding)
        else:
            self._responder.alert(finding)
