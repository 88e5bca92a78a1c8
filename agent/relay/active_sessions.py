"""Active sessions: who sits at a screen of this computer now, from logind's files of state.

They are root's and readable by all; `sd_session_is_active` reads the same. Asking over the bus would let a slow answer
hold the relay up. Written from systemd's source: with a running logind it was not tried.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SESSIONS: Final = Path("/run/systemd/sessions")
_SCREENS: Final = frozenset(("x11", "wayland", "mir"))
_MOST_BYTES: Final = 1 << 16
_MOST_SESSIONS: Final = 4096

_log = logging.getLogger(__name__)


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
    try:
        files = sorted(file for file in folder.iterdir() if "." not in file.name)[:_MOST_SESSIONS]
    except FileNotFoundError:
        return ()
    except OSError as error:
        _log.warning("sessions cannot be listed: %s", error)
        return ()
    sessions = (_session_at_screen(file) for file in files)
    return tuple(session for session in sessions if session is not None)


def _session_at_screen(file: Path) -> ShownSession | None:
    """One session; None where nobody sits at it."""
    try:
        with file.open("rb") as session:
            text = session.read(_MOST_BYTES).decode(errors="replace")
    except OSError as error:
        _log.debug("%s has just ended: %s", file, error)
        return None
    facts = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    is_shown = facts.get("ACTIVE") == "1" and facts.get("STATE") == "active"
    is_here = facts.get("CLASS") == "user" and facts.get("REMOTE") != "1" and facts.get("TYPE") in _SCREENS
    uid = facts.get("UID", "")
    if not (is_shown and is_here and uid.isascii() and uid.isdigit() and len(uid) <= 10):
        return None
    return ShownSession(file.name, int(uid), facts.get("SEAT", ""))
