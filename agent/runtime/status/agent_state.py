"""What the worker's mind shows: the state that follows from everything, and a sentence on it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from agent.engine.sequential_test import Verdict
from agent.runtime.pipeline.gate import Gate
from agent.runtime.pipeline.session_cache import FORBIDDEN, MouseSession
from agent.runtime.status.snapshot import State


@dataclass(frozen=True, slots=True)
class View:
    """Everything that the state follows from.

    Attributes
    ----------
    cannot_see : str
        Why the mouse cannot be seen; empty while it can.
    gate : Gate
    seat : MouseSession or None
        Who judges or learns under which mouse; None before the first is known.
    strangeness : tuple of str
        Where the mouse moves like another than the enrolled one.
    """

    cannot_see: str
    gate: Gate
    seat: MouseSession | None
    strangeness: tuple[str, ...]

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
        if is_unknown(self.seat, self.strangeness):
            return State.UNKNOWN_MOUSE
        if self.seat is None or self.seat.protection is None:
            return State.LEARNING if self.seat and self.seat.enrolment else State.NO_EVIDENCE
        suspicious = self.seat.protection.verdict in (Verdict.SUSPICIOUS, Verdict.INTRUDER)
        return State.SUSPICIOUS if suspicious else State.PROTECTING

    def detail(self) -> str:
        """One sentence for the person at the computer."""
        if self.cannot_see:
            return self.cannot_see
        if self.seat is None:
            return FORBIDDEN
        if self.seat.enrolment:
            return self.seat.enrolment.progress()
        if self.seat.protection is None:
            return self.seat.nothing
        unknown = self.seat.why_unknown() if self.seat.is_unknown else ""
        return "; ".join(self.strangeness) or unknown or self.seat.chosen.expired_words()


def is_unknown(seat: MouseSession | None, strangeness: tuple[str, ...]) -> bool:
    """True where another mouse's profile keeps watching, or the mouse moves like another than it says."""
    return bool(strangeness) or (seat is not None and seat.is_unknown)
