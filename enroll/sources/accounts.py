"""Accounts of an evaluation: whose sessions a folder holds, under one mouse configuration."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from enroll.datasets.balabit import accounts, training_sessions
from enroll.datasets.session import DataSession
from enroll.progress import notice
from enroll.sources.keys import NO_KEYS, SourceKeys
from enroll.sources.listing import holds_sessions
from enroll.sources.sessions import by_person, of_one_mouse, sessions_at

_TRAINING_FILES: Final = "training_files"


@dataclass(frozen=True, slots=True)
class SourceSelection:
    """What of a folder is evaluated.

    Attributes
    ----------
    keys : SourceKeys
        Of recordings and sealed recordings.
    mouse : str
        Key of a mouse configuration, or its beginning; empty for that of most people.
    """

    keys: SourceKeys = NO_KEYS
    mouse: str = ""


EVERYTHING: Final = SourceSelection()


def sessions_by_account(
    folder: Path, selection: SourceSelection, *, at_least: int
) -> dict[str, tuple[DataSession, ...]]:
    """The sessions of each account, in order of names: of a Balabit folder, or of recordings or tables by person.

    Parameters
    ----------
    folder : Path
        Holds ``training_files``, or recordings or tables in ``PERSON``, ``MOUSE/PERSON`` or ``PERSON/MOUSE``.
    selection : SourceSelection
    at_least : int
        People with fewer recordings under the mouse are left out, and named on standard error.

    Raises
    ------
    SteadyhandError
        If there is nobody, a key is missing, or a file cannot be read.
    """
    if (folder / _TRAINING_FILES).is_dir() or not folder.is_dir() or not holds_sessions(folder):
        return {name: training_sessions(folder, name) for name in accounts(folder)}
    people = by_person(of_one_mouse(sessions_at(folder, selection.keys), selection.mouse))
    few = [name for name, sessions in people.items() if len(sessions) < at_least]
    if few:
        notice(f"left out, with fewer than {at_least} sessions: {', '.join(few)}")
    return {name: tuple(sessions) for name, sessions in people.items() if name not in few}
