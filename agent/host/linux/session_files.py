"""Session files: logind's files of state of seats and sessions.

They are root's and readable by all; `sd_session_is_active` reads the same. Asking over the bus would let a slow answer
hold a service up.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LOGIND: Final = Path("/run/systemd")
SEATS: Final = LOGIND / "seats"
SESSIONS: Final = LOGIND / "sessions"
_SCREENS: Final = frozenset(("x11", "wayland", "mir"))
_MOST_BYTES: Final = 1 << 16
_MOST_FILES: Final = 4096
_MOST_UID_DIGITS: Final = 10

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StateFile:
    """One file of logind's.

    Attributes
    ----------
    name : str
        logind's id of the seat or session.
    facts : dict of str to str
        Its lines.
    """

    name: str
    facts: dict[str, str]

    @property
    def uid(self) -> int | None:
        """Whose session it is; None where the file names no account."""
        uid = self.facts.get("UID", "")
        return int(uid) if uid.isascii() and uid.isdigit() and len(uid) <= _MOST_UID_DIGITS else None

    @property
    def is_person_here(self) -> bool:
        """Whether it is a person's session at this computer; a greeter's and a remote one are not."""
        return self.facts.get("CLASS") == "user" and self.facts.get("REMOTE") != "1"

    @property
    def is_graphical(self) -> bool:
        """Whether the session has a desktop; a text console has none."""
        return self.facts.get("TYPE") in _SCREENS


def state_files(folder: Path) -> list[StateFile]:
    """Each file of state in the order of their names; none without logind."""
    try:
        files = sorted(file for file in folder.iterdir() if "." not in file.name)[:_MOST_FILES]
    except FileNotFoundError:
        return []
    except OSError as error:
        _log.warning("%s cannot be listed: %s", folder, error)
        return []
    return [StateFile(file.name, facts) for file in files if (facts := read_facts(file)) is not None]


def all_state_files(folder: Path) -> list[StateFile] | None:
    """As `state_files`; None where it cannot be told who is there: without logind, or where a file cannot be read."""
    try:
        return [
            StateFile(file.name, _parsed(file)) for file in sorted(folder.iterdir()) if "." not in file.name
        ]
    except OSError as error:
        # A session that ends in this very moment counts as unknown too: the next look tells.
        _log.debug("%s cannot be read as a whole: %s", folder, error)
        return None


def read_facts(file: Path) -> dict[str, str] | None:
    """The lines of one file; None where it cannot be read, as of a session that has just ended."""
    try:
        return _parsed(file)
    except OSError as error:
        _log.debug("%s has just ended: %s", file, error)
        return None


def _parsed(file: Path) -> dict[str, str]:
    with file.open("rb") as state:
        text = state.read(_MOST_BYTES).decode(errors="replace")
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
