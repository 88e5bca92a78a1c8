"""Sessions of data sets: one session of somebody's mouse use, read from wherever it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from agent.engine.events import StreamItem
from enroll.datasets.csvfile import read_events
from enroll.datasets.formats import TableFormat

_ENDINGS: Final = (".csv", ".tsv", ".txt", ".recording", ".sealed")


class DataSession(Protocol):
    """One session; iterating reads it, piece by piece, as often as is asked."""

    @property
    def account(self) -> str:
        """Whose session it is, or is said to be."""

    @property
    def name(self) -> str:
        """The file's name without its ending."""

    @property
    def path(self) -> Path:
        """The file."""

    @property
    def form(self) -> str:
        """How the file is read, in words that are the same for the same reading."""

    def __iter__(self) -> Iterator[StreamItem]:
        """Events and boundaries in order of time.

        Raises
        ------
        SteadyhandError
            If the file cannot be read, or holds no event.
        """


@dataclass(frozen=True, slots=True)
class TableSession:
    """A session in a table of events.

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

    @property
    def form(self) -> str:
        """How the file is read, in words that are the same for the same reading."""
        return repr(self.table)

    def __iter__(self) -> Iterator[StreamItem]:
        """Events and boundaries in order of time.

        Raises
        ------
        SteadyhandError
            As `read_events` from iteration.
        """
        return read_events(self.path, self.table)


def session_name(path: Path) -> str:
    """The file's name without the ending that says what it is; other dots belong to the name."""
    return path.stem if path.suffix.lower() in _ENDINGS else path.name
