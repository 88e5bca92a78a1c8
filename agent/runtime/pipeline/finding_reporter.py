"""Finding reporter: turns reactions into findings, alerts or locks, and closes them on the owner's answer."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Final

from agent.alerts.alert import AlertKind
from agent.config.schema import Settings
from agent.engine.posterior import belief
from agent.engine.verifier import Judgement
from agent.runtime.pipeline.decision import Reaction
from agent.runtime.pipeline.ports import FindingResponder
from agent.runtime.pipeline.session_cache import MouseSession
from agent.runtime.response.alert_wording import AlertWording
from agent.runtime.response.false_locks import FalseLockCounter
from agent.runtime.response.open_findings import OpenFindings

_KIND_OF_REACTION: Final = {
    Reaction.LOCK: AlertKind.INTRUDER,
    Reaction.ALERT_INTRUDER: AlertKind.INTRUDER,
    Reaction.ALERT_SUSPICIOUS: AlertKind.SUSPICIOUS,
}


class FindingReporter:
    """Reports findings with what judged, and keeps them until the owner answers. Worker thread only.

    Parameters
    ----------
    responder : FindingResponder
    wording : AlertWording
    settings : Settings
    """

    def __init__(self, responder: FindingResponder, wording: AlertWording, settings: Settings) -> None:
        self._responder = responder
        self._wording = wording
        self._rules = settings.judgement
        self._open = OpenFindings()
        self._false_locks = FalseLockCounter(settings.response, wording.wall_ns)

    def apply_settings(self, settings: Settings, policy_hash: str) -> None:
        """Follow other settings, and record their policy, from now on."""
        self._rules = settings.judgement
        self._false_locks.apply_settings(settings.response)
        self._wording = replace(self._wording, policy_hash=policy_hash)

    @property
    def unanswered_since_unix_s(self) -> float | None:
        """When the last unanswered finding was made, wall clock; None if there is none."""
        return self._open.since_unix_s

    @property
    def locks_suspended(self) -> bool:
        """True for the rest of a day with as many confirmed false locks as policy allows."""
        return self._false_locks.locks_suspended

    @property
    def false_locks(self) -> int:
        """Findings of today that called for a lock and that the owner has called false alarms."""
        return self._false_locks.today

    @property
    def false_alarms(self) -> int:
        """Findings that the owner has called false alarms since the agent started."""
        return self._open.false_alarms

    def report(self, judgement: Judgement, reaction: Reaction, session: MouseSession | None) -> None:
        """Alert or lock, as `reaction` says.

        Parameters
        ----------
        judgement : Judgement
        reaction : Reaction
        session : MouseSession or None
            Under which it was judged.
        """
        if reaction is Reaction.NONE:
            return
        if session and session.renewal:
            session.renewal.discard_session()
        context = self._context(reaction, session) | self._belief(judgement, session)
        finding = self._wording.finding(_KIND_OF_REACTION[reaction], judgement, context)
        if reaction is Reaction.LOCK:
            self._responder.lock(finding)
        else:
            self._responder.alert(finding)
        self._open.add(finding, locks=reaction is Reaction.LOCK)

    def close_all(self) -> None:
        """Close every open finding as a false alarm: the owner proved who they are."""
        was_false_lock = self._open.has_lock
        for finding in self._open.close_all():
            self._responder.alert(self._wording.was_me(finding, self._open.false_alarms))

        if was_false_lock and self._false_locks.add():
            self._responder.alert(self._wording.locks_suspended())

    def _context(self, reaction: Reaction, session: MouseSession | None) -> dict[str, object]:
        profile = session.selected.profile if session else None
        protects = session is not None and session.protection is not None
        return {
            "mode": self._rules.mode,
            "profile_id": profile.profile_id if profile and protects else "",
            "profile_hash": session.selected.sha256 if session else "",
            "policy_hash": self._wording.policy_hash,
            "estimated": profile is not None and profile.limits.estimated,
            "mouse": session.mouse.to_json() if session else {},
            "would_lock": reaction in (Reaction.LOCK, Reaction.ALERT_INTRUDER),
        }

    def _belief(self, judgement: Judgement, session: MouseSession | None) -> dict[str, object]:
        """Likelihood ratio, prior and posterior; none of them where nothing calibrated is known."""
        profile = session.selected.profile if session else None
        if profile is None:
            return {}
        rules = self._rules
        figures = belief(
            judgement.statistic, profile.limits, rules.false_alerts_per_40h, rules.intrusions_per_1000h
        )
        return (
            {}
            if figures is None
            else {name: float(f"{figure:.3g}") for name, figure in asdict(figures).items()}
        )
