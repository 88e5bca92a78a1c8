"""One session of somebody's mouse use, as every data set gives it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agent.engine.events import StreamItem
from enroll.datasets.csvfile import TableFormat, read_events


@dataclass(frozen=True, slots=True)
class DataSession:
    """A recorded session in a file; iterating reads it, piece by piece, as often as is asked.

    Attributes
    ----------
    account : str
        Whose session it is, or is said to be.
    name : str
        The file's name without its ending.
    path : Path
    table : TableFormat
        How the file is to be read.
    """

    account: str
    name: str
    path: Path
    table: TableFormat

    def __iter__(self) -> Iterator[StreamItem]:
        """Events and boundaries in order of time.

        Raises
        ------
        SteadyhandError
            If the file cannot be read, has other columns or values, or holds no event.
        """
        return read_events(self.path, self.table)
