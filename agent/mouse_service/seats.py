"""Seats: which session each seat shows, and which seat a device belongs to, from logind's and udev's files of state."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.host.linux.session_files import LOGIND, state_files

UDEV: Final = Path("/run/udev/data")
SEAT0: Final = "seat0"


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
    shown = {seat.name: seat.facts.get("ACTIVE", "") for seat in state_files(folder / "seats")}
    sessions = []
    for file in state_files(folder / "sessions"):
        seat = file.facts.get("SEAT", "")
        if seat and file.is_person_here and file.uid is not None:
            is_shown = shown.get(seat) == file.name
            sessions.append(SeatSession(file.name, seat, file.uid, is_shown, file.is_graphical))
    return tuple(sessions)


def seat_of(node: Path, folder: Path = UDEV) -> str | None:
    """The seat of a device; where no udev runs everything belongs to the first one.

    None for one that has gone, and for one that udev has not described yet: it gives a new device its rights before it
    writes down whose it is, and what is opened in between would be handed to the first seat's session.
    """
    if not folder.is_dir():
        return SEAT0
    try:
        number = os.stat(node).st_rdev
        text = (folder / f"c{os.major(number)}:{os.minor(number)}").read_text(errors="replace")
    except OSError:
        return None
    seats = [line.removeprefix("E:ID_SEAT=") for line in text.splitlines() if line.startswith("E:ID_SEAT=")]
    return seats[-1] if seats and seats[-1] else SEAT0
