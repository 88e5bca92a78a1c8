"""Alert wording: builds the alert record, with its severity and message, for each event."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from agent.alerts.alert import Activity, Alert, AlertKind, Severity
from agent.alerts.playbooks import playbook
from agent.engine.disagreement import Disagreement
from agent.engine.sentence import quantity
from agent.engine.verifier import Judgement
from agent.host.api import LockReport, LockResult

_SEVERITY: Mapping[AlertKind, Severity] = {
    AlertKind.SUSPICIOUS: Severity.MEDIUM,
    AlertKind.INTRUDER: Severity.HIGH,
    AlertKind.LOCK_RESULT: Severity.MEDIUM,
    AlertKind.LOCK_FAILED: Severity.CRITICAL,
    AlertKind.INPUT_WHILE_LOCKED: Severity.CRITICAL,
    AlertKind.LOCK_NOT_SEEN: Severity.HIGH,
    AlertKind.CAPTURE_DEAD: Severity.HIGH,
    AlertKind.STREAM_BROKEN: Severity.MEDIUM,
    AlertKind.NO_EVIDENCE: Severity.MEDIUM,
    AlertKind.UNKNOWN_MOUSE: Severity.MEDIUM,
    AlertKind.SYNTHETIC_INPUT: Severity.MEDIUM,
    AlertKind.PROFILE_REJECTED: Severity.HIGH,
    AlertKind.NEW_LOCAL_PROFILE: Severity.MEDIUM,
    AlertKind.POLICY_REJECTED: Severity.HIGH,
    AlertKind.PAUSED: Severity.LOW,
    AlertKind.QUIT: Severity.LOW,
    AlertKind.STARTED: Severity.INFORMATIONAL,
    AlertKind.UPGRADED: Severity.LOW,
    AlertKind.HEARTBEAT: Severity.INFORMATIONAL,
    AlertKind.KILLED: Severity.HIGH,
    AlertKind.STOPPED: Severity.LOW,
    AlertKind.ASLEEP: Severity.INFORMATIONAL,
    AlertKind.AWAKE: Severity.INFORMATIONAL,
    AlertKind.CONFIRMED: Severity.LOW,
    AlertKind.BASELINE_TAKEN: Severity.LOW,
    AlertKind.PROOF_REJECTED: Severity.HIGH,
    AlertKind.FOREIGN_ENVIRONMENT: Severity.HIGH,
    AlertKind.CLOCK_STEPPED: Severity.MEDIUM,
    AlertKind.POLICY_CHANGED: Severity.LOW,
    AlertKind.PROFILE_CHANGED: Severity.HIGH,
    AlertKind.PROFILE_FETCHED: Severity.INFORMATIONAL,
    AlertKind.ENROLMENT_DOUBTFUL: Severity.MEDIUM,
    AlertKind.ENROLMENT_POISONED: Severity.HIGH,
    AlertKind.RECORDINGS_ERASED: Severity.LOW,
    AlertKind.OVER_BUDGET: Severity.LOW,
    AlertKind.DRILL: Severity.INFORMATIONAL,
    AlertKind.TEST: Severity.INFORMATIONAL,
    AlertKind.SILENT: Severity.HIGH,
    AlertKind.STATE_DAMAGED: Severity.MEDIUM,
    AlertKind.RELAY_ABUSED: Severity.HIGH,
    AlertKind.SUBJECT_MISSING: Severity.MEDIUM,
    AlertKind.MOUSE_TAMPERING: Severity.HIGH,
}


_NOT_LOCKED: Final = "The screen could NOT be locked; it is tried again until it locks"


@dataclass(frozen=True, slots=True)
class AlertWording:
    """Builds alerts for one user on one computer.

    Attributes
    ----------
    user, host : str
    wall_ns : callable
        Wall clock in ns since 1970: for people to read, never for durations.
    policy_hash : str
        Hash of the policies in use; empty without any.
    origin : mapping
        Account, computer and session, as `agent.host.origin.read_origin` gives them.
    playbooks : str
        Folder of the playbooks; empty to name their pages alone.
    """

    user: str
    host: str
    wall_ns: Callable[[], int]
    policy_hash: str = ""
    origin: Mapping[str, Any] = field(default_factory=dict)
    playbooks: str = ""

    def health(self, kind: AlertKind, message: str, **detail: Any) -> Alert:
        """An alert about the agent itself or what it can see."""
        return Alert(
            finding_id=str(uuid.uuid4()),
            record_id=str(uuid.uuid4()),
            kind=kind,
            activity=Activity.CREATE,
            severity=_SEVERITY[kind],
            time_unix_ns=self.wall_ns(),
            user=self.user,
            host=self.host,
            message=message,
            detail={**detail, **self._triage(kind)},
        )

    def _triage(self, kind: AlertKind) -> dict[str, Any]:
        """What an analyst needs first, where it is known."""
        page = playbook(kind, self.playbooks)
        return ({"origin": dict(self.origin)} if self.origin else {}) | ({"playbook": page} if page else {})

    def enrolment(self, disagreements: Sequence[Disagreement]) -> tuple[Alert, ...]:
        """The alerts about a learning period: mixed within itself, or somebody else's altogether."""
        parts = (
            (AlertKind.ENROLMENT_DOUBTFUL, [d for d in disagreements if d is Disagreement.ITSELF]),
            (AlertKind.ENROLMENT_POISONED, [d for d in disagreements if d is not Disagreement.ITSELF]),
        )
        return tuple(
            self.health(
                kind,
                f"What was learnt {'; it '.join(disagreement.words for disagreement in group)}",
                disagrees_with=[disagreement.value for disagreement in group],
            )
            for kind, group in parts
            if group
        )

    def finding(self, kind: AlertKind, judgement: Judgement, context: Mapping[str, Any]) -> Alert:
        """The Create record of a departure from the owner's way of moving."""
        seconds = max(0.0, (judgement.t_ns - judgement.start_ns) / 1e9)
        how = "unlike" if kind is AlertKind.INTRUDER else "somewhat unlike"
        message = (
            f"The mouse is moved {how} its owner: {quantity(judgement.actions, 'action')} in {seconds:.0f} s"
        )
        detail = {
            "verdict": judgement.verdict.value,
            "trust": round(judgement.trust),
            "evidence_llr": round(judgement.evidence_llr, 3),
            "statistic": round(judgement.statistic, 3),
            "actions": judgement.actions,
            "seconds": round(seconds, 1),
            **context,
        }
        return replace(self.health(kind, message, **detail), reasons=judgement.reason_groups)

    def lock_result(
        self, create: Alert, report: LockReport, *, attempts: int = 1, seconds: float = 0.0
    ) -> Alert:
        """The Update record of a finding: what became of the lock.

        Parameters
        ----------
        create : Alert
            The finding.
        report : LockReport
            Of the last attempt.
        attempts : int
            Attempts so far.
        seconds : float
            Since the first attempt began.
        """
        locked = report.result is LockResult.LOCKED
        kind = AlertKind.LOCK_RESULT if locked else AlertKind.LOCK_FAILED
        message = f"The screen was locked by {report.locker}" if locked else _NOT_LOCKED
        return replace(
            create,
            record_id=str(uuid.uuid4()),
            kind=kind,
            activity=Activity.UPDATE,
            severity=_SEVERITY[kind],
            time_unix_ns=self.wall_ns(),
            message=message,
            detail={
                **create.detail,
                **self._triage(kind),
                "lock": report.result.value,
                "locker": report.locker,
                "tried": list(report.tried),
                "attempts": attempts,
                "seconds_to_lock": round(seconds, 1),
            },
        )

    def lock_withdrawn(self, create: Alert) -> Alert:
        """The Update record of a finding whose countdown the owner broke off."""
        return replace(
            create,
            record_id=str(uuid.uuid4()),
            activity=Activity.UPDATE,
            severity=Severity.LOW,
            time_unix_ns=self.wall_ns(),
            message="The countdown was broken off by the owner, who proved who they are",
            detail={**create.detail, "lock": "withdrawn"},
        )

    def paused(self, minutes: float) -> Alert:
        """The alert about a pause by the proven owner."""
        message = f"Paused by the owner, for {quantity(minutes, 'minute', form='.0f')} at most"
        return self.health(AlertKind.PAUSED, message, authenticated=True)

    def locks_suspended(self) -> Alert:
        """The alert that locks are suspended until tomorrow, after as many false ones as policy allows."""
        message = "As many locks as policy allows in a day were false: the agent only alerts until tomorrow"
        return self.health(AlertKind.CONFIRMED, message, authenticated=True, locks_suspended=True)

    def lock_deferred(self, create: Alert, seconds: float) -> Alert:
        """The Update record of a finding whose lock is put off, because a program says that somebody presents."""
        return replace(
            create,
            record_id=str(uuid.uuid4()),
            activity=Activity.UPDATE,
            time_unix_ns=self.wall_ns(),
            message=f"The lock is put off for {seconds:g} s at most: a program says that somebody presents",
            detail={**create.detail, "lock": "deferred", "deferred_most_s": seconds},
        )

    def was_me(self, create: Alert, false_alarms: int) -> Alert:
        """The closing record of a finding that the owner, having proved who they are, calls a false alarm.

        Parameters
        ----------
        create : Alert
        false_alarms : int
            How many the owner has reported since the agent started, this one included.
        """
        return replace(
            create,
            record_id=str(uuid.uuid4()),
            activity=Activity.CLOSE,
            severity=Severity.LOW,
            time_unix_ns=self.wall_ns(),
            message="A false alarm, says the owner, who proved who they are",
            detail={**create.detail, "answer": "that was me", "false_alarms": false_alarms},
        )
