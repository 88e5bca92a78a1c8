"""Active sessions: who sits at a screen of this computer now, from logind's files of state."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from agent.host.linux.session_files import SESSIONS, StateFile, all_state_files, state_files


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


@dataclass(frozen=True, slots=True)
class AccountsHere:
    """Accounts by their sessions, shown or not.

    Attributes
    ----------
    at_seat : frozenset of int
        Those with a desktop at a seat of this computer.
    logged_in : frozenset of int
        Those with any session. One at a seat that logind closes is over, as its screen has been taken away; another one
        is over once logind has removed it.
    """

    at_seat: frozenset[int]
    logged_in: frozenset[int]


def accounts_here(folder: Path = SESSIONS) -> AccountsHere | None:
    """Who has sessions; None where that cannot be told."""
    files = all_state_files(folder)
    if files is None:
        return None
    is_open = [
        file for file in files if not (file.facts.get("SEAT") and file.facts.get("STATE") == "closing")
    ]
    return AccountsHere(
        frozenset(
            file.uid
            for file in is_open
            if file.uid is not None and file.facts.get("SEAT") and file.is_person_here and file.is_graphical
        ),
        # Whatever its class: where in doubt, the account is still there.
        frozenset(
            file.uid
            for file in is_open
            if file.uid is not None and not file.facts.get("CLASS", "").startswith("manager")
        ),
    )


def _is_shown(file: StateFile) -> bool:
    return file.facts.get("ACTIVE") == "1" and file.facts.get("STATE") == "active"
