"""Dated recordings: ``USER/session_KK_dayDDD`` tables with Balabit's columns, grouped by day."""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path
from typing import Final

from agent.engine.errors import SteadyhandError
from enroll.datasets.formats import BALABIT
from enroll.datasets.session import DataSession, TableSession

_NAME: Final = re.compile(r"session_(?P<number>\d+)_day(?P<day>\d+)")
_LAYOUT: Final = "give a folder that holds USER/session_KK_dayDDD"


def dated_recordings(folder: Path) -> dict[str, tuple[tuple[DataSession, ...], ...]]:
    """Recordings of each user, in bytewise order of users, day by day; those of a day in order of their numbers.

    Raises
    ------
    SteadyhandError
        If there is no user, or a user without recordings or with a file that has another name.
    """
    users = sorted((p for p in folder.iterdir() if p.is_dir()), key=_bytewise) if folder.is_dir() else []
    if not users:
        raise SteadyhandError(f"{folder}: no users in it", _LAYOUT)
    return {user.name: _days(user) for user in users}


def _days(user: Path) -> tuple[tuple[DataSession, ...], ...]:
    dated = sorted((*_day_and_number(path), path) for path in user.iterdir())
    if not dated:
        raise SteadyhandError(f"{user}: no recording in it", _LAYOUT)
    return tuple(
        tuple(TableSession(user.name, path.stem, path, BALABIT) for *_, path in recordings)
        for _, recordings in groupby(dated, key=lambda entry: entry[0])
    )


def _day_and_number(path: Path) -> tuple[int, int]:
    match = _NAME.fullmatch(path.stem)
    if match is None:
        raise SteadyhandError(f"{path}: its name gives no number and day", _LAYOUT)
    return int(match["day"]), int(match["number"])


def _bytewise(path: Path) -> bytes:
    return path.name.encode()
