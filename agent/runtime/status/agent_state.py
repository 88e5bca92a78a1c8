"""Agent state: derives the state shown to people, and a sentence on it, from all conditions. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from agent.engine.sentence import joined
from agent.engine.sequential_test import Verdict
from agent.language.language import mark
from agent.runtime.pipeline.gate import Gate
from agent.runtime.pipeline.session_cache import FORBIDDEN, MouseSession
from agent.runtime.status.snapshot import State

BY_PROGRAM: Final = mark(
    "A program moves the mouse, such as remote help or assistive technology: nothing is learnt or judged meanwhile."
)


@dataclass(frozen=True, slots=True)
class StateSummary:
    """The conditions that the state follows from.

    Attributes
    ----------
    cannot_see : str
        Why the mouse cannot be seen; empty while it can.
    gate : Gate
    session : MouseSession or None
        What judges or learns under the mouse in use; None before the first is known.
    contradictions : tuple of str
        Differences between the measured signature of the mouse and the enrolled one.
    by_program : bool
        True while a program, and no hand, moves the mouse.
    """

    cannot_see: str
    gate: Gate
    session: MouseSession | None
    contradictions: tuple[str, ...]
    by_program: bool = False

    def state(self) -> State:
        """What the agent is doing."""
        if self.cannot_see:
            return State.CANNOT_SEE
        if self.gate.away:
            return State.AWAY
        if self.gate.locked:
            return State.LOCKED
        if self.gate.paused:
            return State.PAUSED
        if is_unknown(self.session, self.contradictions):
            return State.UNKNOWN_MOUSE
        if self.session is None or self.session.protection is None:
            return State.LEARNING if self.session and self.session.enrolment else State.NO_EVIDENCE
        suspicious = self.session.protection.verdict in (Verdict.SUSPICIOUS, Verdict.INTRUDER)
        return State.SUSPICIOUS if suspicious else State.PROTECTING

    def detail(self) -> str:
        """One sentence for the person at the computer."""
        if self.cannot_see:
            return self.cannot_see
        if self.by_program and not self.gate.is_closed:
            return BY_PROGRAM
        if self.session is None:
            return FORBIDDEN
        if self.session.enrolment:
            return self.session.enrolment.progress()
        if self.session.protection is None:
            return self.session.idle_reason
        if self.contradictions:
            return joined(*self.contradictions)
        unknown = self.session.unknown_reason() if self.session.is_unknown else ""
        return unknown or self.session.selected.expiry_notice()


def is_unknown(session: MouseSession | None, contradictions: tuple[str, ...]) -> bool:
    """True where another mouse's profile judges, or the measured signature contradicts the enrolled one."""
    return bool(contradictions) or (session is not None and session.is_unknown)
