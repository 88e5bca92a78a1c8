"""Reader of sources: the sessions in a folder or file, whatever keeps them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from agent.engine.errors import SteadyhandError
from agent.engine.mouse import MouseConfiguration
from agent.engine.sentence import quantity
from enroll.datasets.csvfile import detect_format
from enroll.datasets.formats import TimeUnit
from enroll.datasets.session import TableSession
from enroll.progress import notice
from enroll.sources.keys import SourceKeys
from enroll.sources.kinds import SourceKind
from enroll.sources.listing import SourceFile, list_sources
from enroll.sources.recorded import RecordedSession, recorded_session, sealed_session

SourceSession = TableSession | RecordedSession


def sessions_at(
    source: Path, keys: SourceKeys, *, time_unit: TimeUnit | None = None
) -> tuple[SourceSession, ...]:
    """The sessions that `source` is or holds: tables in the order of their paths, recordings in that of time.

    Tables by name that hold no events are named on standard error.

    Raises
    ------
    SteadyhandError
        If there is none, a key is missing, or a file cannot be read.
    """
    listing = list_sources(source)
    for path in listing.left_out:
        notice(f"left out, as no table of events: {path}")
    sessions = [session_of(file, keys, time_unit=time_unit) for file in listing.files]
    tables = [session for session in sessions if isinstance(session, TableSession)]
    recordings = [session for session in sessions if isinstance(session, RecordedSession)]
    return (*tables, *sorted(recordings, key=lambda session: session.wall_unix_ns))


def session_of(file: SourceFile, keys: SourceKeys, *, time_unit: TimeUnit | None = None) -> SourceSession:
    """The session of one file.

    Raises
    ------
    SteadyhandError
        If a key is missing, or the file cannot be read.
    """
    if file.kind is SourceKind.TABLE:
        return TableSession(file.person, file.name, file.path, detect_format(file.path, time_unit))
    if file.kind is SourceKind.SEALED:
        return sealed_session(file.name, file.path, keys.opening_key_for(file.path))
    return recorded_session(file.person, file.name, file.path, keys.recording_key_for(file.path))


def mouse_of(session: SourceSession) -> MouseConfiguration:
    """The mouse configuration of a session; of a table no more is known than how it was captured."""
    return (
        session.mouse if isinstance(session, RecordedSession) else MouseConfiguration(session.table.capture)
    )


def by_mouse(sessions: Iterable[SourceSession]) -> dict[MouseConfiguration, list[SourceSession]]:
    """The sessions under each mouse configuration."""
    grouped: dict[str, list[SourceSession]] = defaultdict(list)
    mice: dict[str, MouseConfiguration] = {}
    for session in sessions:
        mouse = mouse_of(session)
        mice.setdefault(mouse.key, mouse)
        grouped[mouse.key].append(session)
    return {mice[key]: grouped[key] for key in mice}


def by_person(sessions: Iterable[SourceSession]) -> dict[str, list[SourceSession]]:
    """The sessions of each person, in bytewise order of names."""
    grouped: dict[str, list[SourceSession]] = defaultdict(list)
    for session in sessions:
        grouped[session.account].append(session)
    return {name: grouped[name] for name in sorted(grouped, key=str.encode)}


def of_one_mouse(sessions: Iterable[SourceSession], wanted: str = "") -> tuple[SourceSession, ...]:
    """The sessions under the configuration whose key begins so, or under the one of most people; what is left out is
    named on standard error.

    Raises
    ------
    SteadyhandError
        If no configuration has that key.
    """
    grouped = by_mouse(sessions)
    chosen = [mouse for mouse in grouped if mouse.key.startswith(wanted)]
    if not chosen:
        known = ", ".join(mouse.key for mouse in grouped)
        raise SteadyhandError(f"no session under mouse {wanted}", f"these are there: {known}")
    best = max(chosen, key=lambda mouse: (len(by_person(grouped[mouse])), len(grouped[mouse])))
    for mouse, left_out in grouped.items():
        if mouse != best:
            notice(
                f"left out: {quantity(len(left_out), 'session')} under "
                f"mouse {mouse.name or mouse.capture} ({mouse.key}); "
                "mice are measured one at a time"
            )
    return tuple(grouped[best])
