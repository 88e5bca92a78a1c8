"""Seats: which session each seat shows, and which seat a device belongs to, from logind's and udev's files of state.

They are root's and readable by all. Asking over the bus would let a slow answer hold the movement up.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LOGIND: Final = Path("/run/systemd")
UDEV: Final = Path("/run/udev/data")
SEAT0: Final = "seat0"
_SCREENS: Final = frozenset(("x11", "wayland", "mir"))
_MOST_BYTES: Final = 1 << 16
_MOST_FILES: Final = 4096

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SeatSession:
    """A session at a seat of this computer.

    Attributes
    ----------
    name : str
        logind's id of it.
    seat : str
    uid : int
    is_shown : bool
        True for the one that the seat's screen shows now.
    is_desktop : bool
        True for a person's desktop; a greeter and a text console are none.
    """

    name: str
    seat: str
    uid: int
    is_shown: bool
    is_desktop: bool


def seat_sessions(folder: Path = LOGIND) -> tuple[SeatSession, ...]:
    """Every session of a person at a seat here, in the order of their names; none without logind."""
    shown = {seat: facts.get("ACTIVE", "") for seat, facts in _files(folder / "seats")}
    sessions = []
    for name, facts in _files(folder / "sessions"):
        seat, uid = facts.get("SEAT", ""), facts.get("UID", "")
        is_person = facts.get("CLASS") == "user" and facts.get("REMOTE") != "1"
        if not (seat and is_person and uid.isascii() and uid.isdigit() and len(uid) <= 10):
            continue
        is_desktop = facts.get("TYPE") in _SCREENS
        sessions.append(SeatSession(name, seat, int(uid), shown.get(seat) == name, is_desktop))
    return tuple(sessions)


def seat_of(node: Path, folder: Path = UDEV) -> str:
    """The seat of a device; what udev says nothing of belongs to the first one."""
    try:
        number = os.stat(node).st_rdev
        text = (folder / f"c{os.major(number)}:{os.minor(number)}").read_text(errors="replace")
    except OSError:
        return SEAT0
    seats = [line.removeprefix("E:ID_SEAT=") for line in text.splitlines() if line.startswith("E:ID_SEAT=")]
    return seats[-1] if seats and seats[-1] else SEAT0


def _files(folder: Path) -> list[tuple[str, dict[str, str]]]:
    """Name and facts of each file of state."""
    try:
        files = sorted(file for file in folder.iterdir() if not file.name.startswith("."))[:_MOST_FILES]
    except FileNotFoundError:
        return []
    except OSError as error:
        _log.warning("%s cannot be listed: %s", folder, error)
        return []
    return [(file.name, _facts(file)) for file in files if file.suffix != ".ref"]


def _facts(file: Path) -> dict[str, str]:
    try:
        with file.open("rb") as state:
            text = state.read(_MOST_BYTES).decode(errors="replace")
    except OSError as error:
        _log.debug("%s has just ended: %s", file, error)
        return {}
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
