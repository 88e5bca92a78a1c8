"""Stream controller: dispatches events and boundaries to what judges and learns. No threads and no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agent.alerts.alert import AlertKind
from agent.config.schema import Settings
from agent.engine.events import Boundary, Cause, EventBatch, StreamItem
from agent.engine.mouse import MouseConfiguration
from agent.engine.verifier import Judgement
from agent.host.api import IdentityProof
from agent.host.obstruction import CLEAR, Obstruction
from agent.runtime.learning.enrolment import EnrolmentRecorder
from agent.runtime.pipeline.boundary_alerts import report_boundary
from agent.runtime.pipeline.capture_integrity import CaptureIntegrityResponse
from agent.runtime.pipeline.capture_sight import CaptureSight
from agent.runtime.pipeline.day_baseline_audit import DayBaselineAudit
from agent.runtime.pipeline.decision import Reaction
from agent.runtime.pipeline.drill_controller import DrillController
from agent.runtime.pipeline.finding_reporter import FindingReporter
from agent.runtime.pipeline.gate import Gate, Passage
from agent.runtime.pipeline.health_alerts import HealthAlerts
from agent.runtime.pipeline.intake import StreamIntake, by_source
from agent.runtime.pipeline.mouse_tracker import MouseTracker, mouse_label
from agent.runtime.pipeline.ports import StreamPorts
from agent.runtime.pipeline.proof_intake import ProofIntake
from agent.runtime.pipeline.protection import Protection
from agent.runtime.pipeline.session_cache import MouseSession, SessionCache
from agent.runtime.pipeline.unjudged_use import UnjudgedUseResponse
from agent.runtime.response.alert_wording import AlertWording
from agent.runtime.status.agent_state import StateSummary, is_unknown
from agent.runtime.status.snapshot import Status


class StreamController:
    """Dispatches each item of the stream and maintains the status. Worker thread only.

    Parameters
    ----------
    settings : Settings
    wording : AlertWording
    ports : StreamPorts
    gate : Gate
    """

    def __init__(self, settings: Settings, wording: AlertWording, ports: StreamPorts, gate: Gate) -> None:
        self.settings = settings
        self._wording = wording
        self._ports = ports
        self._gate = gate
        self._intake = StreamIntake(settings.capture, wording.user)
        self._health = HealthAlerts(ports.responder, wording)
        self._unjudged = UnjudgedUseResponse(settings.judgement, ports.responder, self._health, wording)
        self._sight = CaptureSight(settings.capture, self._health)
        self._integrity = CaptureIntegrityResponse(settings, ports.responder, wording)
        self._findings = FindingReporter(ports.responder, wording, settings)
        self.drills = DrillController(ports.responder, wording, ports.drill_log)
        self._sessions = SessionCache(settings.judgement, ports.profiles, ports.enrolments)
        self._tracker = MouseTracker(ports.mice)
        proofs = ProofIntake(ports.proofs, self._health)
        self._day = DayBaselineAudit(ports.responder, wording, proofs, ports.baseline_log)
        self.session: MouseSession | None = None
        self._contradictions: tuple[str, ...] = ()
        self.protection: Protection | None = None
        self.enrolment: EnrolmentRecorder | None = None
        self.status = Status(mode=settings.judgement.mode, user=wording.user)

    def apply_settings(self, settings: Settings, policy_hash: str) -> None:
        """Take other settings; `use_mouse` follows, which sets everything up anew. Trust and sums of use are kept."""
        if settings.capture != self.settings.capture:
            self._intake = StreamIntake(settings.capture, self.status.user)
        self.settings = settings
        self._findings.apply_settings(settings, policy_hash)
        self._unjudged.apply_settings(settings.judgement)
        self._integrity.apply_settings(settings)
        self._sight.apply_settings(settings.capture)
        self._sessions.apply_settings(settings.judgement)
        self._update_status(mode=settings.judgement.mode)

    def use_mouse(self, mouse: MouseConfiguration, now_ns: int, *, enrol: bool = False) -> None:
        """Judge or learn from now on under `mouse`, with every profile looked up anew.

        Parameters
        ----------
        enrol : bool
            True after the owner asked, and proved who they are, to enrol this mouse.
        """
        # An enrolment under way outlasts that: who asked for it has proved who they are.
        under_way = self.enrolment is not None and self.enrolment.mouse.key == mouse.key
        self._sessions.clear()
        self._open_session(mouse, now_ns, enrol=enrol or under_way)

    def _open_session(self, mouse: MouseConfiguration, now_ns: int, *, enrol: bool = False) -> None:
        self.drills.end(now_ns)
        if self.session:
            self.session.close()
        session = self.session = self._sessions.open(mouse, self.protection, enrol=enrol)
        for problem in session.problems:
            self._health.report(AlertKind.PROFILE_REJECTED, problem, now_ns)
        self.protection, self.enrolment = session.protection, session.enrolment
        self._contradictions = self.protection.contradictions if self.protection else ()
        if session.is_unknown:
            message = f"An unknown mouse is in use: {mouse_label(mouse)} ({session.unknown_reason()})"
            self._health.report(AlertKind.UNKNOWN_MOUSE, message, now_ns, mouse=mouse.to_json())
        profile = session.selected.profile
        self._update_status(
            mouse=mouse_label(mouse),
            configuration=mouse,
            profile_id=profile.profile_id if profile and self.protection else "",
            trust=None,
        )
        session.train_when_ready(self._ports.trainer)

    def take_login_proof(self, now_ns: int) -> None:
        """Open a baseline of the day where the owner has just logged in. Once, at the start."""
        self._prove(self._day.at_start(now_ns), now_ns)

    def process(self, items: Sequence[StreamItem], now_ns: int) -> None:
        """Process what the ring held, in order."""
        passed, notices = self._intake.filter(items, counts=not self._gate.is_closed)
        for notice in notices:
            self._health.report(AlertKind.SYNTHETIC_INPUT, notice.message, now_ns, subject=notice.subject)
        for item in passed:
            if isinstance(item, Boundary):
                self._process_boundary(item, now_ns)
            else:
                self._process_events(item, now_ns)
        if not self._intake.allowed:
            self._integrity.check_synthetic(self._intake.use)

    def _process_boundary(self, boundary: Boundary, now_ns: int) -> None:
        self._gate.boundary(boundary.cause)
        if self._gate.is_closed:
            self.drills.end(now_ns)
        self._day.boundary(boundary, closed=self._gate.locked or self._gate.away)
        report_boundary(self._health, boundary, now_ns)
        if boundary.cause is Cause.CAPTURE_RESTARTED:
            self._integrity.capture_restarted(boundary.t_ns)
        self._pass_on(boundary, now_ns)
        if boundary.cause is Cause.SCREEN_UNLOCKED:
            self._prove(self._day.at_unlock(now_ns), now_ns)
        if boundary.cause is Cause.MOUSE_CHANGED:
            mouse = self._tracker.current()
            if mouse is not None and (self.session is None or mouse != self.session.mouse):
                self._open_session(mouse, now_ns)
        self._update_status()

    def _process_events(self, batch: EventBatch, now_ns: int) -> None:
        self.status = replace(self.status, events=self.status.events + len(batch))
        if self._gate.events(now_ns) is Passage.UNLOCKED_WITHOUT_SIGNAL:
            self._unlocked_without_signal(now_ns)
        if self._gate.events(now_ns) is not Passage.OPEN:
            self._update_status()
            return
        self._tracker.refresh(now_ns)
        for source, part in by_source(batch):
            self._follow_source(source, int(part.t_ns[0]), now_ns)
            unknown = is_unknown(self.session, self._contradictions)
            excused = self._intake.allowed and self._intake.use.is_shielded(int(part.t_ns[0]))
            judged = self.protection is not None and not excused
            self._unjudged.use.add_use(part, judged=judged, unknown_mouse=unknown)
            self._pass_on(part, now_ns)
            self._unjudged.respond(self.session.mouse if self.session else None, now_ns)

    def _follow_source(self, source: int, t_ns: int, now_ns: int) -> None:
        """Change to the session of the mouse that moves now, with a boundary at that place in the stream."""
        mouse = self._tracker.changed_to(source)
        if mouse is not None and self.session is not None and mouse.key != self.session.mouse.key:
            self._pass_on(Boundary(t_ns, Cause.MOUSE_CHANGED, mouse.name), now_ns)
            self._open_session(mouse, now_ns)

    def _unlocked_without_signal(self, now_ns: int) -> None:
        if self._gate.session_reported:
            message = "The session says that it is locked, but input reaches the desktop"
            self._health.report(AlertKind.INPUT_WHILE_LOCKED, message, now_ns)
        self._process_boundary(Boundary(now_ns, Cause.SCREEN_UNLOCKED, "seen, not signalled"), now_ns)

    def _pass_on(self, item: StreamItem, now_ns: int) -> None:
        if self.drills.drill:
            self.drills.drill.feed(item)
            if isinstance(item, EventBatch):
                return
        if self.session:
            self.session.learn(item, self._ports.trainer)
        if self.protection:
            self.protection.suspend_locks(suspended=self._findings.locks_suspended)
            for judgement, reaction in self.protection.feed(item):
                self._respond(judgement, reaction)
            self._day.follow(self.protection.baseline)
            self._compare_signature(self.protection.contradictions, now_ns)
        self._update_status()

    def _compare_signature(self, contradictions: tuple[str, ...], now_ns: int) -> None:
        """Report when a known mouse begins to move like another one."""
        if bool(contradictions) == bool(self._contradictions):
            return
        self._contradictions = contradictions
        if contradictions and self.session and not self.session.is_unknown:
            mouse = self.session.mouse
            reasons = "; ".join(contradictions)
            message = f"{mouse_label(mouse)} does not move like the mouse that was enrolled: {reasons}"
            self._health.report(AlertKind.UNKNOWN_MOUSE, message, now_ns, mouse=mouse.to_json())

    def _respond(self, judgement: Judgement, reaction: Reaction) -> None:
        self._unjudged.use.add_verdict(judgement.verdict)
        self._findings.report(judgement, reaction, self.session)
        # `_pass_on` goes on to put in what follows from it.
        actions, trust = self.status.actions + 1, round(judgement.trust)
        self.status = replace(self.status, actions=actions, trust=trust, movements=judgement.movements)

    def confirm_owner(self, proof: IdentityProof | None) -> None:
        """Restore the state after a login: the owner proved who they are after a false alarm."""
        self._findings.close_all()
        self._day.note(proof)
        if self.protection:
            self.protection.restore_trust()
            self._day.follow(self.protection.baseline)
        self._update_status(trust=None)

    def _prove(self, proof: IdentityProof | None, now_ns: int) -> None:
        if proof is not None:
            self._day.note(proof)
            self._pass_on(Boundary(now_ns, Cause.PROVEN, proof.kind.value), now_ns)
            self._update_status(trust=None)

    def set_capture_problem(self, reason: str, now_ns: int, obstruction: Obstruction = CLEAR) -> None:
        """Report that capture is not possible or obstructed, and show no trust meanwhile; empty reasons end it."""
        if self._sight.follow(reason, obstruction, now_ns):
            self._update_status(trust=None)

    def _update_status(self, **changes: object) -> None:
        """Put `changes` into the status, and the state that follows from everything."""
        if blind := self._sight.cannot_see:
            changes["trust"] = None
        changes["doubted_unix_s"] = self._findings.unanswered_since_unix_s
        changes["false_alarms"] = self._findings.false_alarms
        changes["in_drill"] = self.drills.drill is not None
        changes["false_locks"] = self._findings.false_locks
        changes["locks_suspended"] = self._findings.locks_suspended
        enrolment = self.enrolment
        changes["enrolled_share"] = enrolment.share if enrolment else None
        changes["hours_left"] = enrolment.hours_left if enrolment else None
        changes["sufficiency"] = enrolment.meter.sufficiency if enrolment else None
        changes["moved_by_program"] = by_program = self._intake.use.is_by_program()
        summary = StateSummary(blind, self._gate, self.session, self._contradictions, by_program)
        changes["state"], changes["detail"] = summary.state(), summary.detail()
        self.status = replace(self.status, **changes)  # type: ignore[arg-type]
