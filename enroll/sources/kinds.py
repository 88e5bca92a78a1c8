"""Kinds of source files: told by what is in a file, whatever its name."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Final

from agent.files.chunks import MAGIC
from agent.files.private import mendable
from agent.files.sealing import SEALED_MAGIC
from enroll.datasets.csvfile import is_table

_MOST_MAGIC: Final = max(len(MAGIC), len(SEALED_MAGIC))


class SourceKind(Enum):
    """What a file holds."""

    RECORDING = "a recording"
    SEALED = "a sealed recording"
    TABLE = "a table of events"


def kind_of(path: Path) -> SourceKind | None:
    """What the file holds; None where it is none of these.

    Raises
    ------
    SteadyhandError
        If it cannot be read.
    """
    with mendable(path, "read"), path.open("rb") as file:
        start = file.read(_MOST_MAGIC)
    if start.startswith(MAGIC):
        return SourceKind.RECORDING
    if start.startswith(SEALED_MAGIC):
        return SourceKind.SEALED
    return SourceKind.TABLE if is_table(path) else None
