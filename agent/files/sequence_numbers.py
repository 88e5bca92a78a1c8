"""Rollback protection: the highest sequences seen of what is signed.

They stop accidents and old copies. A program of the same user can delete or lower them, like everything else that is
the user's: in one of their two files that is reported and changes nothing, in both it is known while the agent runs.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, TypeAlias

from agent.files.canonical import canonical
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
    """The marks, and a line for each problem: damaged files are set aside, deleted and older ones are reported.

    They are kept in two files, and the higher figure counts: only who deletes or lowers both leaves no trace here.

    Raises
    ------
    SteadyhandError
        If a file is there and may not be read.
    """
    marks, problems = _read(paths.marks_file)
    copied, copy_problems = _read(paths.marks_copy_file)
    if marks is None and copied is None:
        return {}, problems + copy_problems
    if marks is None and problems and copied is not None:
        # Set aside as damaged, which stays visible: the copy takes its place.
        write_private(paths.marks_file, canonical(copied))
    elif behind := _behind(marks, copied or {}):
        problems.append(f"{paths.marks_file} {behind}: somebody deleted it or put an older one back")
    return _highest(marks or {}, copied or {}), problems + copy_problems


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
    # The copy comes last: an interrupted write leaves it behind, which is no problem, and never ahead.
    for file in (paths.marks_file, paths.marks_copy_file):
        private_dir(file.parent)
        write_private(file, canonical(marks))


def _read(file: Path) -> tuple[Marks | None, list[str]]:
    """One file's marks, None where there are none to read; and what is wrong with it."""
    if not os.path.lexists(file):
        return None, []
    raw = read_private(file, _MOST_MARKS)
    try:
        marks = Fields.of(decode_json(raw, _MOST_MARKS))
        return {name: _mark(marks.nested(name)) for name in marks.document}, []
    except ValueError as error:
        return None, [f"{set_aside(file, error)}: older profiles may not be known from newer ones"]


def _behind(marks: Marks | None, copied: Marks) -> str:
    """How the first file falls short of its copy; empty where it does not."""
    if marks is None:
        return "is gone" if copied else ""
    is_behind = any(
        marks.get(name, {}).get(role, -1) < sequence
        for name, by_role in copied.items()
        for role, sequence in by_role.items()
    )
    return "is older than its copy" if is_behind else ""


def _highest(marks: Marks, copied: Marks) -> Marks:
    """The higher figure of each."""
    highest = {name: dict(by_role) for name, by_role in marks.items()}
    for name, by_role in copied.items():
        for role, sequence in by_role.items():
            mark = highest.setdefault(name, {})
            mark[role] = max(sequence, mark.get(role, -1))
    return highest


def _mark(sequences: Fields) -> dict[str, int]:
    by_role = Fields.of(sequences.document, optional=(role.value for role in Role))
    return {role: by_role.integer(role, most=MOST_SEQUENCE) for role in by_role.document}
