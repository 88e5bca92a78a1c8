"""Listener program: what the process at the other end of a service's channel runs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class ProgramKind(Enum):
    """What a process at the other end runs."""

    AGENT = "the agent"
    FOREIGN = "another program"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class ListenerProgram:
    """The program of one process.

    Attributes
    ----------
    kind : ProgramKind
    detail : str
        Its path, or why it is not the agent.
    """

    kind: ProgramKind
    detail: str = ""
