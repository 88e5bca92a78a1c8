"""SapiMouse: people who each recorded three minutes, and one minute, in a browser.

Antal, Fejér, Buza (2021), SapiMouse: mouse dynamics-based user authentication using deep feature learning.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from agent.engine.errors import SteadyhandError
from enroll.datasets.formats import SAPIMOUSE
from enroll.datasets.session import DataSession, TableSession


@dataclass(frozen=True, slots=True)
class SapimousePerson:
    """One person's two sessions: three minutes to enrol, one minute to test."""

    number: int
    enrolment: DataSession
    test: DataSession


def people(folder: Path) -> tuple[SapimousePerson, ...]:
    """Everybody in the folder, by number.

    Raises
    ------
    SteadyhandError
        If there is nobody, or a session is missing.
    """
    everybody = []
    for home in folder.glob("user*") if folder.is_dir() else ():
        if home.name[4:].isdecimal():
            everybody.append(_person(home))
    if not everybody:
        raise SteadyhandError(f"{folder}: nobody in it", "give the folder that holds user1, user2 …")
    return tuple(sorted(everybody, key=lambda person: person.number))


def _person(home: Path) -> SapimousePerson:
    sessions = []
    for name in ("session_3min", "session_1min"):
        path = home / f"{name}.csv"
        if not path.is_file():
            raise SteadyhandError(
                f"{path} is missing", "each person needs session_3min.csv and session_1min.csv"
            )
        sessions.append(TableSession(home.name, name, path, SAPIMOUSE))
    return SapimousePerson(int(home.name[4:]), sessions[0], sessions[1])
