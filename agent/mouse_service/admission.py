"""Admission: who may listen to the mice. Pure.

The kernel names the account and the process at the other end (SO_PEERCRED). Every program of an account could connect,
so that one listener an account is taken, and which program it is is looked at, where that can be looked at.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from agent.host.listener_program import ListenerProgram, ProgramKind

_MOST_A_MINUTE: Final = 20
_MINUTE_NS: Final = 60_000_000_000


@dataclass(frozen=True, slots=True)
class Applicant:
    """Somebody who connected."""

    uid: int
    pid: int


class Breach(Enum):
    """What is wrong with an applicant."""

    FOREIGN_PROGRAM = "a program that is not the agent asks for the mouse's movement"
    SECOND_LISTENER = "a second program asks for the mouse's movement"
    REPLACED = "a program that may not be the agent took the mouse's movement until the agent came"
    TOO_MANY = "programs ask for the mouse's movement again and again"


@dataclass(frozen=True, slots=True)
class AdmissionDecision:
    """What becomes of an applicant.

    Attributes
    ----------
    refusal : str
        Why it is sent away; empty where it is taken.
    breach : Breach or None
        What is to be reported.
    replaces : bool
        True where the present listener of the account has to go for it.
    """

    refusal: str = ""
    breach: Breach | None = None
    replaces: bool = False


def decide_admission(
    program: ListenerProgram, present: ListenerProgram | None, *, at_a_seat: bool
) -> AdmissionDecision:
    """Decide about one applicant.

    Parameters
    ----------
    program : ListenerProgram
        What it runs.
    present : ListenerProgram or None
        The account's present listener.
    at_a_seat : bool
        Whether the account has a session at a seat of this computer.
    """
    if not at_a_seat:
        return AdmissionDecision("this account has no session at a screen of this computer")
    if program.kind is ProgramKind.FOREIGN:
        return AdmissionDecision("only the agent may listen", Breach.FOREIGN_PROGRAM)
    if present is None:
        return AdmissionDecision()
    if program.kind is ProgramKind.AGENT and present.kind is not ProgramKind.AGENT:
        return AdmissionDecision("", Breach.REPLACED, replaces=True)
    return AdmissionDecision("another program of this account listens already", Breach.SECOND_LISTENER)


@dataclass(slots=True)
class ConnectionRate:
    """How often an account connects: who does it all the time is sent away unlooked at."""

    _times_ns: deque[int] = field(default_factory=deque)

    def admits(self, now_ns: int) -> bool:
        """Account for a connection; False beyond twenty a minute."""
        while self._times_ns and now_ns - self._times_ns[0] > _MINUTE_NS:
            self._times_ns.popleft()
        if len(self._times_ns) >= _MOST_A_MINUTE:
            return False
        self._times_ns.append(now_ns)
        return True
