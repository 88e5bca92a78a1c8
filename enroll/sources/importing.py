"""Import: tables of events become recordings, each whole or not at all, and each once."""

from __future__ import annotations

import errno
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.engine.events import EventBatch, StreamItem
from agent.engine.mouse import MouseConfiguration
from agent.files.recording import read_recording
from agent.files.recordings import SUFFIX
from agent.files.stream import Session
from enroll.datasets.csvfile import detect_format
from enroll.datasets.formats import TimeUnit
from enroll.datasets.session import TableSession
from enroll.sessions import SessionRows, session_rows
from enroll.sources.enrolment import check_actions
from enroll.sources.keeping import content_digest, keep_recording
from enroll.sources.kinds import SourceKind
from enroll.sources.listing import SourceFile, list_sources

_DISK_ERRORS: Final = frozenset(
    (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EACCES, errno.EPERM)
)


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """One table and where its recording goes."""

    file: SourceFile
    path: Path


@dataclass(frozen=True, slots=True)
class ImportedTable:
    """What a table held that was imported."""

    events: int
    actions: int
    active_s: float


@dataclass(slots=True)
class ImportOutcome:
    """What became of the tables.

    Attributes
    ----------
    imported : int
    there_already : int
        With the same content.
    events, actions : int
        Of those that were imported.
    active_s : float
        Active seconds of those.
    failures : list of SteadyhandError
        One for each table that was not imported.
    """

    imported: int = 0
    there_already: int = 0
    events: int = 0
    actions: int = 0
    active_s: float = 0.0
    failures: list[SteadyhandError] = field(default_factory=list)

    def add(self, imported: ImportedTable | None) -> None:
        """Count one table; None for one that was there already."""
        if imported is None:
            self.there_already += 1
            return
        self.imported += 1
        self.events += imported.events
        self.actions += imported.actions
        self.active_s += imported.active_s


def plan_import(source: Path, folder: Path) -> tuple[tuple[ImportPlan, ...], tuple[Path, ...]]:
    """The tables at `source` with the recordings that they become, and what is left out.

    Returns
    -------
    (plans, left_out)
        ``folder/PERSON/NAME.recording``; where two tables of a person have one name, their folders and endings
        stand in the names of both.

    Raises
    ------
    SteadyhandError
        If there is no table.
    """
    listing = list_sources(source)
    tables = [file for file in listing.files if file.kind is SourceKind.TABLE]
    others = tuple(file.path for file in listing.files if file.kind is not SourceKind.TABLE)
    if not tables:
        raise SteadyhandError(
            f"{source} holds recordings and no table", "use them as they are: every command reads recordings"
        )
    names = Counter((file.person, file.name) for file in tables)
    plans = []
    for file in tables:
        name = file.name if names[file.person, file.name] == 1 else _long_name(file, source)
        plans.append(ImportPlan(file, folder / file.person / f"{name}{SUFFIX}"))
    return tuple(plans), (*listing.left_out, *others)


def import_tables(
    plans: Sequence[ImportPlan],
    key: bytes,
    *,
    time_unit: TimeUnit | None = None,
    shown: Callable[[Sequence[ImportPlan]], Iterable[ImportPlan]] = tuple,
) -> ImportOutcome:
    """Import each table; one that is malformed does not stop the others, a full disk does.

    Raises
    ------
    SteadyhandError
        If the disk is full or refuses to be written; what was imported before stays.
    """
    outcome = ImportOutcome()
    for plan in shown(plans):
        try:
            file = plan.file
            table = detect_format(file.path, time_unit)
            outcome.add(import_table(TableSession(file.person, file.name, file.path, table), plan.path, key))
        except SteadyhandError as error:
            if isinstance(error.__cause__, OSError) and error.__cause__.errno in _DISK_ERRORS:
                raise
            outcome.failures.append(error)
    return outcome


def import_table(session: TableSession, path: Path, key: bytes) -> ImportedTable | None:
    """Keep one table as the recording at `path`; None where the same is there already.

    Raises
    ------
    SteadyhandError
        If the table is malformed, other events are there, or the recording cannot be written; then nothing is.
    """
    if path.exists():
        _check_same(path, key, session)
        return None
    reading = _Reading(session)
    keep_recording(path, key, reading)
    return ImportedTable(reading.events, len(reading.rows.rows), reading.rows.active_s)


class _Reading:
    """The entries of one table's recording, measured on the way: one without an action is refused at its end."""

    def __init__(self, session: TableSession) -> None:
        self._session = session
        self.events = 0
        self.rows: SessionRows

    def __iter__(self) -> Iterator[StreamItem | Session]:
        session = self._session
        mouse = MouseConfiguration(session.table.capture)
        wall_unix_ns = session.path.stat().st_mtime_ns
        batches: list[StreamItem] = []
        for entry in session:
            start_ns = int(entry.t_ns[0]) if isinstance(entry, EventBatch) else entry.t_ns
            if not batches:
                yield Session(mouse, start_ns, wall_unix_ns, "file")
            self.events += len(entry) if isinstance(entry, EventBatch) else 0
            batches.append(entry)
            yield entry
        self.rows = session_rows(session.account, session.name, batches)
        check_actions(session.path, self.events, len(self.rows.rows))


def _check_same(path: Path, key: bytes, session: TableSession) -> None:
    try:
        there = content_digest(read_recording(path, key).items())
    except SteadyhandError as error:
        raise SteadyhandError(
            f"{path} is there already and cannot be read: {error.what}", "delete it, and import again"
        ) from error
    if there != content_digest(session):
        raise SteadyhandError(
            f"{path} is there already, with other events than {session.path}",
            "erase it first, or import to another folder",
        )


def _long_name(file: SourceFile, source: Path) -> str:
    return "_".join(file.path.relative_to(source).parts)
