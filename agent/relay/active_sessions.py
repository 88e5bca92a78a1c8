"""Active sessions: who sits at a screen of this computer now, from logind's files of state."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from agent.host.linux.session_files import SESSIONS, StateFile, state_files


@dataclass(frozen=True, slots=True)
class ShownSession:
    """One graphical session that is shown on a screen here.

    Attributes
    ----------
    session_id : str
        As logind names it.
    uid : int
    seat : str
        Such as ``seat0``; empty where it has none.
    """

    session_id: str
    uid: int
    seat: str = ""


def shown_sessions(folder: Path = SESSIONS) -> tuple[ShownSession, ...]:
    """The graphical sessions that are shown on a screen here; none without logind."""
    return tuple(
        ShownSession(file.name, file.uid, file.facts.get("SEAT", ""))
        for file in state_files(folder)
        if file.uid is not None and file.is_person_here and file.is_graphical and _is_shown(file)
    )


def _is_shown(file: StateFile) -> bool:
    return file.facts.get("ACTIVE") == "1" and file.facts.get("STATE") == "active"
