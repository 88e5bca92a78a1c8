"""Listing of sources: which files below a folder hold sessions, and whose they are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.files.private import mendable
from enroll.datasets.csvfile import detect_format
from enroll.datasets.session import session_name
from enroll.sources.kinds import SourceKind, kind_of

_MOUSE_KEY: Final = re.compile(r"(\d+-)?[0-9a-f]{16}")
_DATE: Final = re.compile(r"(19|20)\d\d[-_.]?\d\d[-_.]?\d\d([T_ -].*)?")
_TABLE_NAMES: Final = (".csv", ".tsv")
_UNFINISHED: Final = ".half"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file that holds a session.

    Attributes
    ----------
    path : Path
    kind : SourceKind
    person : str
        By the folders: the innermost that is neither a mouse configuration's nor a date's.
    name : str
        The file's name without its ending; folders of dates stand before it.
    """

    path: Path
    kind: SourceKind
    person: str
    name: str


@dataclass(frozen=True, slots=True)
class SourceListing:
    """What is below a folder.

    Attributes
    ----------
    files : tuple of SourceFile
        In the order of their paths; at least one.
    left_out : tuple of Path
        Tables by their names that hold no events.
    """

    files: tuple[SourceFile, ...]
    left_out: tuple[Path, ...]


def list_sources(source: Path) -> SourceListing:
    """The recordings, sealed recordings and tables that `source` is or holds, at any depth.

    ``PERSON/…``, ``MOUSE/PERSON/…`` and ``PERSON/MOUSE/…`` are the same; hidden files and folders are not looked into.

    Raises
    ------
    SteadyhandError
        If there is no such file or folder, nothing of the kind in it, or a file cannot be read.
    """
    if not source.exists():
        raise SteadyhandError(f"{source} does not exist", "check the name of the folder or file")
    if source.is_file():
        kind = kind_of(source)
        if kind is None:
            detect_format(source)  # says which columns it has
            raise SteadyhandError(f"{source} holds no session", "give a recording or a table of events")
        return SourceListing((_source_file(source, source.parent, kind),), ())
    files, left_out = [], []
    for path in _below(source):
        kind = kind_of(path)
        if kind is not None:
            files.append(_source_file(path, source, kind))
        elif path.name.startswith("session_"):
            detect_format(path)
        elif path.suffix.lower() in _TABLE_NAMES:
            left_out.append(path)
    if not files:
        raise SteadyhandError(
            f"{source}: no table of events and no recording in it",
            "give a CSV file, a recording, or a folder of either",
        )
    return SourceListing(tuple(files), tuple(left_out))


def holds_sessions(folder: Path) -> bool:
    """Whether there is a recording, sealed or not, or a table of events below `folder`.

    Raises
    ------
    SteadyhandError
        If it cannot be read.
    """
    return any(kind_of(path) is not None for path in _below(folder))


def _below(source: Path) -> list[Path]:
    with mendable(source, "list"):
        return sorted(
            path
            for path in source.rglob("*")
            if path.is_file()
            and path.suffix != _UNFINISHED
            and not any(part.startswith(".") for part in path.relative_to(source).parts)
        )


def _source_file(path: Path, source: Path, kind: SourceKind) -> SourceFile:
    folders = [part for part in path.relative_to(source).parent.parts if not _MOUSE_KEY.fullmatch(part)]
    dates: list[str] = []
    while folders and _DATE.fullmatch(folders[-1]):
        dates.insert(0, folders.pop())
    person = folders[-1] if folders else _person_above(source)
    return SourceFile(path, kind, person, "_".join([*dates, session_name(path)]))


def _person_above(folder: Path) -> str:
    """The person whose folder it is, or lies in."""
    at = folder.resolve()
    for name in (at.name, *(parent.name for parent in at.parents)):
        if name and not _MOUSE_KEY.fullmatch(name) and not _DATE.fullmatch(name):
            return name
    return at.name
