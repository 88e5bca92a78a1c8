"""Rollback protection: the highest sequences seen of what is signed.

They stop accidents and old copies; a program of the same user can delete them, like everything else that is the
user's.
"""

from __future__ import annotations

import json
import os
from typing import Any, Final, TypeAlias

from agent.files.archive import canonical
from agent.files.keys import Role
from agent.files.paths import Paths
from agent.files.private import private_dir, read_private, write_private

Marks: TypeAlias = dict[str, dict[str, int]]
"""The highest sequence by the name of what is signed, then by the role of who signed it."""

_MOST_MARKS: Final = 1 << 20


def read_marks(paths: Paths) -> tuple[Marks, list[str]]:
    """The marks, and a problem where they were damaged: the count then begins afresh.

    Raises
    ------
    SteadyhandError
        If they are there and may not be read.
    """
    if not os.path.lexists(paths.marks_file):
        return {}, []
    raw = read_private(paths.marks_file, _MOST_MARKS)
    try:
        marks = json.loads(raw)
        if not isinstance(marks, dict) or not all(map(_is_mark, marks.values())):
            raise ValueError("a mark is not one")
    except (ValueError, RecursionError) as error:
        return {}, [
            f"{paths.marks_file} was damaged ({error}): older profiles cannot be told from newer ones"
        ]
    return marks, []


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


def _is_mark(mark: Any) -> bool:
    roles = {role.value for role in Role}
    return isinstance(mark, dict) and all(r in roles and type(n) is int for r, n in mark.items())
