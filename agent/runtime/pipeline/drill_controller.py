"""Drill controller: begins and ends drills, and brings their outcome into the record and the log."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

from agent.alerts.alert import AlertKind
from agent.engine.errors import SteadyhandError
from agent.engine.sentence import quantity
from agent.files.drill_log import DrillOutcome, append_drill
from agent.runtime.pipeline.drill import Drill
from agent.runtime.pipeline.ports import AlertSink
from agent.runtime.pipeline.session_cache import MouseSession
from agent.runtime.response.alert_wording import AlertWording

LOG: Final = logging.getLogger(__name__)


class DrillController:
    """One drill at a time. Worker thread only.

    Parameters
    ----------
    alerts : AlertSink
    wording : AlertWording
    log_file : Path or None
        Where outcomes are kept; None keeps them in the record alone.
    """

    def __init__(self, alerts: AlertSink, wording: AlertWording, log_file: Path | None) -> None:
        self._alerts = alerts
        self._wording = wording
        self._log_file = log_file
        self.drill: Drill | None = None

    def begin(self, session: MouseSession | None, now_ns: int) -> bool:
        """Begin a drill under the mouse in use; False, with a line in the record, where that is not possible."""
        try:
            self.drill = _new_drill(session, now_ns)
        except SteadyhandError as error:
            self._report(f"No drill was begun: {error}")
            return False
        self._report("A drill begins: a colleague takes the mouse, and what is found locks nothing")
        return True

    def end(self, now_ns: int) -> None:
        """End the drill under way, found or not."""
        if self.drill is None:
            return
        outcome = self.drill.outcome(now_ns, self._wording.wall_ns())
        self.drill = None
        self._report(_sentence(outcome), outcome)
        if self._log_file is not None:
            try:
                append_drill(self._log_file, outcome)
            except SteadyhandError as error:
                LOG.warning("the drill is in the record only: %s", error)

    def _report(self, message: str, outcome: DrillOutcome | None = None) -> None:
        detail: dict[str, object] = {"drill": True, "authenticated": True}
        if outcome is not None:
            until_found = {"found_s": outcome.found_s, "found_actions": outcome.found_actions}
            detail |= {"seconds": outcome.seconds, "judged_actions": outcome.judged_actions, **until_found}
        self._alerts.alert(self._wording.health(AlertKind.DRILL, message, **detail))


def _new_drill(session: MouseSession | None, now_ns: int) -> Drill:
    profile = session.selected.profile if session else None
    if session is None or profile is None or session.protection is None or session.is_unknown:
        raise SteadyhandError("no profile of this mouse protects here", "enrol the mouse first")
    return Drill(profile, session.protection, now_ns)


def _sentence(outcome: DrillOutcome) -> str:
    if outcome.found_s is None:
        return f"A drill ended: not found in {quantity(outcome.judged_actions, 'action')} and {outcome.seconds:.0f} s"
    return f"A drill ended: found after {quantity(outcome.found_actions or 0, 'action')} and {outcome.found_s:.0f} s"
