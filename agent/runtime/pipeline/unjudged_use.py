"""How long the mouse may be used without evidence, or while it is an unknown one. Pure."""

from __future__ import annotations

from agent.config import schema as settings
from agent.engine.events import EventBatch
from agent.engine.sequential_test import Verdict
from agent.runtime.lifecycle.rate_limit import ActiveTime

MINUTE_NS = 60_000_000_000


class Patience:
    """Adds up mouse use; nobody gains by replugging, pausing or locking in a loop: only evidence resets it.

    Parameters
    ----------
    rules : settings.JudgementSettings
    """

    def __init__(self, rules: settings.JudgementSettings) -> None:
        self._rules = rules
        self._blind = ActiveTime()
        self._strange = ActiveTime()

    def rule(self, rules: settings.JudgementSettings) -> None:
        """Other limits from now on; what was added up stays."""
        self._rules = rules

    def events(self, batch: EventBatch, *, judged: bool, unknown_mouse: bool) -> None:
        """Account for a batch that was passed on.

        Parameters
        ----------
        batch : EventBatch
        judged : bool
            True while a profile judges: learning is not blindness.
        unknown_mouse : bool
        """
        for counts, watch in ((judged, self._blind), (unknown_mouse, self._strange)):
            if counts:
                watch.events(int(batch.t_ns[0]), int(batch.t_ns[-1]))

    def judged(self, verdict: Verdict) -> None:
        """Account for a verdict: any evidence ends blindness, the owner's own mouse and hand strangeness."""
        if verdict is not Verdict.NO_EVIDENCE:
            self._blind.restart()
        if verdict is Verdict.GENUINE:
            self._strange.restart()

    def blind_min(self) -> float:
        """Minutes of use without evidence once they are too many, else 0; asking then starts anew."""
        return _overdue(self._blind, self._rules.no_evidence_alert_min)

    def strange_min(self) -> float:
        """Minutes of use of an unknown mouse once they are too many, else 0; asking then starts anew."""
        return _overdue(self._strange, self._rules.unknown_mouse_grace_min)


def _overdue(watch: ActiveTime, most_min: float) -> float:
    minutes = watch.total_ns / MINUTE_NS
    if minutes <= most_min:
        return 0.0
    watch.restart()
    return minutes
