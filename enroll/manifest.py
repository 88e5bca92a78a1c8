"""Manifest of a fleet: the users to train, and where their recordings are."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.config.schema import JudgementSettings
from agent.engine.errors import SteadyhandError
from agent.files.private import mendable

COLUMNS: Final = ("user", "source")
NUMBER: Final = "cohort_number"
MOUSE: Final = "mouse"


@dataclass(frozen=True, slots=True)
class User:
    """One user under one mouse: a line of a manifest.

    Attributes
    ----------
    name : str
    source : Path
        The user's recordings or tables.
    cohort_number : int or None
        The user's own number in the cohort, left out.
    mouse : str
        Which of the user's mice it is, where there are several: a label, or the key of the configuration.
    sequence : int
        Version of the profile; that of the whole run where 0.
    asked : JudgementSettings or None
        Error rates for this user; those of the whole run where None.
    alone_if_few : bool
        Whether the user is learnt from own data alone where the cohort has too few others under their mouse: else that
        is an error.
    """

    name: str
    source: Path
    cohort_number: int | None = None
    mouse: str = ""
    sequence: int = 0
    asked: JudgementSettings | None = None
    alone_if_few: bool = False

    @property
    def key(self) -> str:
        """Different for every line of a manifest."""
        return f"{self.name} {self.mouse}".strip()


def read_manifest(path: Path) -> tuple[User, ...]:
    """The users of a CSV table with the columns ``user``, ``source`` and, where a cohort is used, ``cohort_number``.

    A user with several mice has a line for each, told apart by a column ``mouse``. A source that is no absolute path is
    one beside the manifest.

    Raises
    ------
    SteadyhandError
        If it cannot be read, a column or value is missing, or a user is named twice.
    """
    with mendable(path, "read"), path.open(encoding="utf-8", newline="") as lines:
        try:
            rows = list(csv.DictReader(lines))
        except (UnicodeDecodeError, csv.Error) as error:
            raise SteadyhandError(
                f"{path} is no CSV table in UTF-8", f"give one with the columns {', '.join(COLUMNS)}"
            ) from error
    if not rows or not set(COLUMNS) <= set(rows[0]):
        raise SteadyhandError(f"{path}: no users", f"give a CSV table with the columns {', '.join(COLUMNS)}")
    users: dict[str, User] = {}
    for number, row in enumerate(rows, start=2):
        name, source, own = row["user"], row["source"], row.get(NUMBER) or ""
        if not name or not source or (own and not own.isdecimal()):
            raise SteadyhandError(
                f"{path}, line {number}: a value is missing or malformed", "complete the line"
            )
        user = User(name, path.parent / source, int(own) if own else None, row.get(MOUSE) or "")
        if user.key in users:
            raise SteadyhandError(
                f"{path}, line {number}: {user.key} is there already",
                "name each user once, or tell several mice apart in a column mouse",
            )
        users[user.key] = user
    return tuple(users.values())
