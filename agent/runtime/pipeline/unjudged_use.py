"""Unjudged use: how long the mouse may be used without evidence, or while it is an unknown one."""

from __future__ import annotations

from agent.alerts.alert import AlertKind
from agent.config import schema as settings
from agent.engine.events import EventBatch
from agent.engine.mouse import MouseConfiguration
from agent.engine.sentence import quantity
from agent.engine.sequential_test import Verdict
from agent.runtime.lifecycle.rate_limit import ActiveTime
from agent.runtime.pipeline.health_alerts import HealthAlerts
from agent.runtime.pipeline.ports import FindingResponder
from agent.runtime.response.alert_wording import AlertWording

MINUTE_NS = 60_000_000_000


class UnjudgedUse:
    """Sums of mouse use without a judgement. Only evidence resets them: nobody gains by replugging, pausing or locking.

    Parameters
    ----------
    rules : settings.JudgementSettings
    """

    def __init__(self, rules: settings.JudgementSettings) -> None:
        self._rules = rules
        self._without_evidence = ActiveTime()
        self._unknown_mouse = ActiveTime()

    def apply_settings(self, rules: settings.JudgementSettings) -> None:
        """Use other limits from now on; the sums stay."""
        self._rules = rules

    def add_use(self, batch: EventBatch, *, judged: bool, unknown_mouse: bool) -> None:
        """Account for a batch that was passed on.

        Parameters
        ----------
        batch : EventBatch
        judged : bool
            True while a profile judges: use while learning needs no evidence.
        unknown_mouse : bool
        """
        for counts, active in ((judged, self._without_evidence), (unknown_mouse, self._unknown_mouse)):
            if counts:
                active.events(int(batch.t_ns[0]), int(batch.t_ns[-1]))

    def add_verdict(self, verdict: Verdict) -> None:
        """Reset the sums that `verdict` answers: any evidence the first, a genuine verdict the second."""
        if verdict is not Verdict.NO_EVIDENCE:
            self._without_evidence.restart()
        if verdict is Verdict.GENUINE:
            self._unknown_mouse.restart()

    def minutes_without_evidence(self) -> float:
        """Minutes of use without evidence once they exceed the limit, which restarts the sum; else 0."""
        return _exceeded_min(self._without_evidence, self._rules.no_evidence_alert_min)

    def minutes_of_unknown_mouse(self) -> float:
        """Minutes of use of an unknown mouse once they exceed the limit, which restarts the sum; else 0."""
        return _exceeded_min(self._unknown_mouse, self._rules.unknown_mouse_grace_min)


class UnjudgedUseResponse:
    """Policy's response to unjudged use that lasts. Worker thread only.

    Parameters
    ----------
    rules : settings.JudgementSettings
    responder : FindingResponder
    health : HealthAlerts
    wording : AlertWording
    """

    def __init__(
        self,
        rules: settings.JudgementSettings,
        responder: FindingResponder,
        health: HealthAlerts,
        wording: AlertWording,
    ) -> None:
        self._rules = rules
        self._responder = responder
        self._health = health
        self._wording = wording
        self.use = UnjudgedUse(rules)

    def apply_settings(self, rules: settings.JudgementSettings) -> None:
        """Follow other settings from now on; the sums stay."""
        self._rules = rules
        self.use.apply_settings(rules)

    def respond(self, mouse: MouseConfiguration | None, now_ns: int) -> None:
        """Alert, or lock where policy says so, when a limit is exceeded.

        Parameters
        ----------
        mouse : MouseConfiguration or None
            The mouse in use, for the alert.
        now_ns : int
            Monotonic time.
        """
        if minutes := self.use.minutes_without_evidence():
            message = (
                f"The mouse was used for {quantity(minutes, 'minute', form='.0f')} "
                "without evidence of who moves it"
            )
            self._health.report(AlertKind.NO_EVIDENCE, message, now_ns, subject=AlertKind.NO_EVIDENCE)
        if self.use.minutes_of_unknown_mouse():
            grace_min = self._rules.unknown_mouse_grace_min
            message = (
                f"An unknown mouse was not enrolled in {quantity(grace_min, 'minute', form='.0f')} of use"
            )
            described = mouse.to_json() if mouse else {}
            finding = self._wording.health(AlertKind.UNKNOWN_MOUSE, message, mouse=described)
            locks = self._rules.unknown_mouse_answer == "lock" and self._rules.mode == "enforce"
            (self._responder.lock if locks else self._responder.alert)(finding)


def _exceeded_min(active: ActiveTime, most_min: float) -> float:
    minutes = active.total_ns / MINUTE_NS
    if minutes <= most_min:
        return 0.0
    active.restart()
    return minutes
