"""Rollback protection: the highest sequences seen of what is signed.

They stop accidents and old copies; a program of the same user can delete them, like everything else that is the
user's.
"""

from __future__ import annotations

import os
from typing import Final, TypeAlias

from agent.files.archive import canonical
from agent.files.damage import set_aside
from agent.files.decode import Fields, decode_json
from agent.files.keys import Role
from agent.files.paths import Paths
from agent.files.private import private_dir, read_private, write_private

Marks: TypeAlias = dict[str, dict[str, int]]
"""The highest sequence by the name of what is signed, then by the role of who signed it."""

_MOST_MARKS: Final = 1 << 20
MOST_SEQUENCE: Final = 1 << 53


def read_marks(paths: Paths) -> tuple[Marks, list[str]]:
    """The marks, and a problem where they were damaged: they are set aside, and the count begins afresh.

    Raises
    ------
    SteadyhandError
        If they are there and may not be read.
    """
    if not os.path.lexists(paths.marks_file):
        return {}, []
    raw = read_private(paths.marks_file, _MOST_MARKS)
    try:
        marks = Fields.of(decode_json(raw, _MOST_MARKS))
        return {name: _mark(marks.nested(name)) for name in marks.document}, []
    except ValueError as error:
        problem = set_aside(paths.marks_file, error)
        return {}, [f"{problem}: older profiles cannot be told from newer ones"]


def raise_mark(marks: Marks, name: str, role: Role, sequence: int) -> bool:
    """Raise one mark to what was seen, in memory; True where that changes it."""
    mark = marks.setdefault(name, {})
    if mark.get(role.value, -1) >= sequence:
        return False
    mark[role.value] = sequence
    return True


def write_marks(paths: Paths, marks: Marks) -> None:
    """Bring the marks to disk.

    Raises
    ------
    SteadyhandError
        If they cannot be written.
    """
    private_dir(paths.marks_file.parent)
    write_private(paths.marks_file, canonical(marks))


def _mark(sequences: Fields) -> dict[str, int]:
    by_role = Fields.of(sequences.document, optional=(role.value for role in Role))
    return {role: by_role.integer(role, most=MOST_SEQUENCE) for role in by_role.document}
