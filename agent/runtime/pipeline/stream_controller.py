"""The worker's mind: what to do with each item of the stream. No threads and no clock: both come in."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Any

from agent.alerts.alert import AlertKind
from agent.config.schema import Settings
from agent.engine.events import UNKNOWN_SOURCE, Boundary, Cause, EventBatch, StreamItem
from agent.engine.mouse import MouseConfiguration
from agent.engine.verifier import Judgement
from agent.runtime.learning.enrolment import Enrolment
from agent.runtime.lifecycle.rate_limit import RateLimit
from agent.runtime.pipeline.decision import Reaction
from agent.runtime.pipeline.gate import Gate, Passage
from agent.runtime.pipeline.intake import Intake, by_source
from agent.runtime.pipeline.ports import WorkerPorts
from agent.runtime.pipeline.protection import Protection
from agent.runtime.pipeline.session_cache import MouseSession, SessionCache
from agent.runtime.pipeline.unjudged_use import MINUTE_NS, Patience
from agent.runtime.response.alert_wording import Wording
from agent.runtime.response.open_findings import OpenFindings
from agent.runtime.status.agent_state import View, is_unknown
from agent.runtime.status.snapshot import Status

_ALERT_EVERY_NS = 10 * MINUTE_NS
_LOOK_EVERY_NS = 1_500_000_000
_FINDINGS = {Reaction.LOCK: AlertKind.INTRUDER, Reaction.ALERT_INTRUDER: AlertKind.INTRUDER}


class Watch:
    """Takes the stream in, decides, and keeps the status. Worker thread only."""

    def __init__(self, settings: Settings, wording: Wording, hands: WorkerPorts, gate: Gate) -> None:
        self._settings = settings
        self._wording = wording
        self._hands = hands
        self._gate = gate
        self._intake = Intake(trusts_programs=settings.capture.trust_synthetic)
        self._limit = RateLimit(_ALERT_EVERY_NS)
        self._patience = Patience(settings.judgement)
        self._doubts = OpenFindings()
        self._seats = SessionCache(settings.judgement, hands)
        self._seat: MouseSession | None = None
        self._source = UNKNOWN_SOURCE
        self._looked_ns = 0
        self._strange: tuple[str, ...] = ()
        self._cannot_see = ""
        self.protection: Protection | None = None
        self.enrolment: Enrolment | None = None
        self.status = Status(mode=settings.judgement.mode, user=wording.user)

    def rule(self, settings: Settings, policy_hash: str) -> None:
        """Take other settings; `use` follows, which sets everything up anew. Trust and what was added up are kept."""
        if settings.capture != self._settings.capture:
            self._intake = Intake(trusts_programs=settings.capture.trust_synthetic)
        self._settings = settings
        self._wording = replace(self._wording, policy_hash=policy_hash)
        self._patience.rule(settings.judgement)
        self._seats.rule(settings.judgement)
        self._show(mode=settings.judgement.mode)

    def use(self, mouse: MouseConfiguration, now_ns: int, *, enrol: bool = False) -> None:
        """Judge, learn or watch from now on under `mouse`, with everything looked up anew.

        Parameters
        ----------
        mouse : MouseConfiguration
        now_ns : int
        enrol : bool
            True after the owner asked, and proved who they are, to enrol this mouse.
        """
        # An enrolment under way outlasts that: who asked for it has proved who they are.
        under_way = self.enrolment is not None and self.enrolment.mouse.key == mouse.key
        self._seats.forget()
        self._sit(mouse, now_ns, enrol=enrol or under_way)

    def _sit(self, mouse: MouseConfiguration, now_ns: int, *, enrol: bool = False) -> None:
        if self.enrolment:
            self.enrolment.close()
        seat = self._seat = self._seats.take(mouse, self.protection, enrol=enrol)
        for problem in seat.problems:
            self._health(AlertKind.PROFILE_REJECTED, problem, now_ns)
        self.protection, self.enrolment = seat.protection, seat.enrolment
        self._strange = self.protection.strangeness if self.protection else ()
        if seat.is_unknown:
            what = f"An unknown mouse is in use: {_named(mouse)} ({seat.why_unknown()})"
            self._health(AlertKind.UNKNOWN_MOUSE, what, now_ns, mouse=mouse.to_json())
        profile = seat.chosen.profile
        share = self.enrolment.share if self.enrolment else None
        self._show(
            mouse=_named(mouse),
            configuration=mouse,
            profile_id=profile.profile_id if profile and self.protection else "",
            trust=None,
            enrolled_share=share,
        )
        self._train_when_ready()

    def handle(self, items: Sequence[StreamItem], now_ns: int) -> None:
        """Take in what the ring held, in order."""
        kept, notices = self._intake.take(items)
        for notice in notices:
            self._health(AlertKind.SYNTHETIC_INPUT, notice.what, now_ns, like=notice.about)
        for item in kept:
            if isinstance(item, Boundary):
                self._boundary(item, now_ns)
            else:
                self._events(item, now_ns)

    def _boundary(self, boundary: Boundary, now_ns: int) -> None:
        self._gate.boundary(boundary.cause)
        if boundary.cause.is_health_alert and boundary.cause is not Cause.SYNTHETIC:
            what = f"The stream of mouse events broke: {boundary.cause.label}, {boundary.detail}"
            self._health(AlertKind.STREAM_BROKEN, what, now_ns, like=boundary.cause)
        self._pass_on(boundary, now_ns)
        if boundary.cause is Cause.MOUSE_CHANGED:
            source = self._source
            self._mouse_is(self._hands.mouse_of(source) or self._hands.mouse_of(UNKNOWN_SOURCE), now_ns)
        self._show()

    def _events(self, batch: EventBatch, now_ns: int) -> None:
        self._show(events=self.status.events + len(batch))
        if self._gate.events(now_ns) is Passage.UNLOCKED_UNTOLD:
            self._unlocked_untold(now_ns)
        if self._gate.events(now_ns) is Passage.OPEN:
            self._look_at_mice(now_ns)
            for source, part in by_source(batch):
                self._moved_by(source, int(part.t_ns[0]), now_ns)
                judged = self.protection is not None
                self._patience.events(
                    part, judged=judged, unknown_mouse=is_unknown(self._seat, self._strange)
                )
                self._pass_on(part, now_ns)
                self._check_patience(now_ns)

    def _look_at_mice(self, now_ns: int) -> None:
        """Have what changes without a word looked at while the mouse moves: it must be noticed within 2 s."""
        if now_ns - self._looked_ns >= _LOOK_EVERY_NS:
            self._looked_ns = now_ns
            self._hands.look_at_mice()

    def _moved_by(self, source: int, t_ns: int, now_ns: int) -> None:
        """The device that moves decides whose profile judges: it is in the stream, in its place."""
        if source == self._source:
            return
        self._source = source
        mouse = self._hands.mouse_of(source)
        if mouse is not None and self._seat is not None and mouse.key != self._seat.mouse.key:
            self._pass_on(Boundary(t_ns, Cause.MOUSE_CHANGED, mouse.name), now_ns)
            self._mouse_is(mouse, now_ns)

    def _mouse_is(self, mouse: MouseConfiguration | None, now_ns: int) -> None:
        if mouse is not None and (self._seat is None or mouse != self._seat.mouse):
            self._sit(mouse, now_ns)

    def _unlocked_untold(self, now_ns: int) -> None:
        if self._gate.session_told:
            what = "The session says that it is locked, but input reaches the desktop"
            self._health(AlertKind.INPUT_WHILE_LOCKED, what, now_ns)
        self._boundary(Boundary(now_ns, Cause.SCREEN_UNLOCKED, "seen, not told"), now_ns)

    def _pass_on(self, item: StreamItem, now_ns: int) -> None:
        if self.enrolment:
            self.enrolment.append(item)
            self._show(enrolled_share=self.enrolment.share)
            self._train_when_ready()
        if self.protection:
            for judgement, reaction in self.protection.feed(item):
                self._judged(judgement, reaction)
            self._believe(self.protection.strangeness, now_ns)

    def _believe(self, strangeness: tuple[str, ...], now_ns: int) -> None:
        """Say when a known mouse begins to move like another, and when it no longer does."""
        if bool(strangeness) == bool(self._strange):
            return
        self._strange = strangeness
        if strangeness and self._seat and not self._seat.is_unknown:
            mouse = self._seat.mouse
            what = f"{_named(mouse)} does not move like the mouse that was enrolled: {'; '.join(strangeness)}"
            self._health(AlertKind.UNKNOWN_MOUSE, what, now_ns, mouse=mouse.to_json())
        self._show()

    def _train_when_ready(self) -> None:
        if not self.enrolment:
            return
        if self.enrolment.claim_training():
            self._hands.train(self.enrolment, None)
        elif self._seat and self._seat.origin and self.enrolment.claim_transfer():
            self._hands.train(self.enrolment, self._seat.origin)
        elif self.enrolment.claim_weighing():
            self._hands.weigh(self.enrolment)

    def _judged(self, judgement: Judgement, reaction: Reaction) -> None:
        self._patience.judged(judgement.verdict)
        if reaction is not Reaction.NONE:
            kind = _FINDINGS.get(reaction, AlertKind.SUSPICIOUS)
            finding = self._wording.finding(kind, judgement, self._context(reaction))
            (self._hands.lock if reaction is Reaction.LOCK else self._hands.alert)(finding)
            self._doubts.add(finding)
        self._show(
            actions=self.status.actions + 1, trust=round(judgement.trust), movements=judgement.movements
        )

    def _context(self, reaction: Reaction) -> dict[str, object]:
        profile = self._seat.chosen.profile if self._seat else None
        return {
            "mode": self._settings.judgement.mode,
            "profile_id": self.status.profile_id,
            "profile_hash": self._seat.chosen.sha256 if self._seat else "",
            "policy_hash": self._wording.policy_hash,
            "estimated": profile is not None and profile.limits.estimated,
            "mouse": self._mouse_json(),
            "would_lock": reaction is Reaction.ALERT_INTRUDER,
        }

    def _mouse_json(self) -> dict[str, Any]:
        return self._seat.mouse.to_json() if self._seat else {}

    def _check_patience(self, now_ns: int) -> None:
        """Alert when the agent has gone without evidence, or with an unknown mouse, for too long."""
        rules = self._settings.judgement
        if minutes := self._patience.blind_min():
            what = f"The mouse was used for {minutes:.0f} minutes without evidence of who moves it"
            self._health(AlertKind.NO_EVIDENCE, what, now_ns, like=AlertKind.NO_EVIDENCE)
        if self._patience.strange_min():
            what = f"An unknown mouse was not enrolled in {rules.unknown_mouse_grace_min:.0f} minutes of use"
            finding = self._wording.health(AlertKind.UNKNOWN_MOUSE, what, mouse=self._mouse_json())
            lock = rules.unknown_mouse_answer == "lock" and rules.mode == "enforce"
            (self._hands.lock if lock else self._hands.alert)(finding)

    def pause(self, now_ns: int) -> int:
        """Stop judging and learning, after re-authentication; returns for how long at most, in ns."""
        minutes = self._settings.response.pause_min
        what = f"Paused by the owner, for {minutes:.0f} minutes at most"
        self._hands.alert(self._wording.health(AlertKind.PAUSED, what, authenticated=True))
        self._boundary(Boundary(now_ns, Cause.PAUSED), now_ns)
        return int(minutes * MINUTE_NS)

    def resume(self, now_ns: int) -> None:
        """End a pause."""
        self._boundary(Boundary(now_ns, Cause.RESUMED), now_ns)

    def it_was_me(self) -> None:
        """Start from the state after a login: the owner proved who they are after a false alarm."""
        for finding in self._doubts.answer():
            self._hands.alert(self._wording.was_me(finding, self._doubts.false_alarms))
        if self.protection:
            self.protection.trust_again()
        self._show(trust=None)

    def cannot_see(self, why: str, now_ns: int) -> None:
        """Capture is not possible: say so, and stop speaking of trust; an empty `why` ends it."""
        if why == self._cannot_see:
            return
        self._cannot_see = why
        self._show(trust=None)
        if why:
            self._health(AlertKind.CAPTURE_DEAD, f"The mouse cannot be seen: {why}", now_ns)

    def _health(
        self, kind: AlertKind, message: str, now_ns: int, like: Hashable = None, **detail: Any
    ) -> None:
        """Alert, unless one about the same (`like`; else the message) was sent a short while ago."""
        about = (kind, like or message)
        if self._limit.passes(about, now_ns):
            held_back = self._limit.held_back(about)
            self._hands.alert(self._wording.health(kind, message, held_back=held_back, **detail))

    def _show(self, **news: object) -> None:
        """Put `news` into the status, and the state that follows from everything."""
        if self._cannot_see:
            news["trust"] = None
        news |= {"doubted_unix_s": self._doubts.since_unix_s, "false_alarms": self._doubts.false_alarms}
        news["hours_left"] = self.enrolment.hours_left if self.enrolment else None
        news["sufficiency"] = self.enrolment.meter.sufficiency if self.enrolment else None
        view = View(self._cannot_see, self._gate, self._seat, self._strange)
        self.status = replace(self.status, **news, state=view.state(), detail=view.detail())  # type: ignore[arg-type]


def _named(mouse: MouseConfiguration) -> str:
    return mouse.name or mouse.key
