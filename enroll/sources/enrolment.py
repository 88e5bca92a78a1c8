"""Enrolment data: the sessions of one user under one mouse configuration, as feature rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.engine.events import Boundary, Cause, EventBatch, StreamItem
from agent.engine.mouse import MouseConfiguration
from agent.engine.scripted import ScriptedMovement
from agent.files.paths import Paths
from agent.files.stream import Session
from enroll.datasets.formats import TimeUnit
from enroll.datasets.rows import shown_text
from enroll.progress import progress
from enroll.sessions import SessionRows, session_rows
from enroll.sources.keys import SourceKeys
from enroll.sources.recorded import RecordedSession
from enroll.sources.sessions import SourceSession, by_person, mouse_of, sessions_at

_MANY_EVENTS: Final = 500

# What ends a session of use: error rates are estimated from session to session.
_BREAKS = frozenset((Cause.SCREEN_LOCKED, Cause.SLEEP, Cause.USER_SWITCH, Cause.LOCKED_BY_VERDICT))


@dataclass(frozen=True, slots=True)
class EnrolmentData:
    """Sessions under one mouse configuration.

    Attributes
    ----------
    mouse : MouseConfiguration
    sessions : tuple of SessionRows
    scripted : int
        Suspicions, by movement alone, that a program moved the mouse (`agent.engine.scripted`).
    """

    mouse: MouseConfiguration
    sessions: tuple[SessionRows, ...]
    scripted: int = 0


class _ScriptedCounter:
    """Passes items on, and counts what looks like a program's movement in them."""

    def __init__(self) -> None:
        self.scripted = 0
        self._watch = ScriptedMovement()

    def over(self, items: Iterable[StreamItem]) -> Iterator[StreamItem]:
        """The same items."""
        for entry in items:
            self.scripted += len(self._watch.feed(entry))
            yield entry


def enrolment_of(
    items: Iterable[StreamItem | Session], user: str, *, sketched: bool = False
) -> EnrolmentData:
    """Rows of a stream that holds sessions one after the other, as recordings and pipes do.

    Raises
    ------
    SteadyhandError
        If there is no session, or sessions of more than one mouse configuration.
    """
    mice: dict[str, MouseConfiguration] = {}
    counter = _ScriptedCounter()
    parts = _sessions(items, mice)
    sessions = [session_rows(user, name, counter.over(part), sketched=sketched) for name, part in parts]
    if not sessions:
        raise SteadyhandError("nothing was recorded", "record first, or name another folder")
    if len(mice) > 1:
        named = ", ".join(sorted(m.name or key for key, m in mice.items()))
        raise SteadyhandError(
            f"recordings of {len(mice)} mice: {named}", "train each from its own recordings"
        )
    return EnrolmentData(next(iter(mice.values())), tuple(sessions), counter.scripted)


def enrolment_by_key(
    source: Path,
    user: str,
    keys: SourceKeys,
    shown: Callable[[Sequence[SourceSession]], Iterable[SourceSession]] = tuple,
    *,
    sketched: bool = False,
    time_unit: TimeUnit | None = None,
) -> EnrolmentData:
    """One user's enrolment from recordings, sealed recordings or tables: a folder or one file.

    Parameters
    ----------
    source : Path
    user : str
    keys : SourceKeys
    shown : callable
        Passes sessions on, to count them on the way.
    sketched : bool
        Whether actions are sketched, too (`agent.engine.sketch`).
    time_unit : TimeUnit, optional
        Of tables; by their columns where None.

    Raises
    ------
    SteadyhandError
        If there is nothing to read, or sessions of several people or mouse configurations.
    """
    sessions = sessions_at(source, keys, time_unit=time_unit)
    if len(by_person(sessions)) > 1:
        names = ", ".join(by_person(sessions))
        raise SteadyhandError(
            f"{source}: sessions of several accounts: {shown_text(names)}", "name the folder of one account"
        )
    return enrolment_of_sessions(shown(sessions), user, sketched=sketched)


def enrolment_of_sessions(
    sessions: Iterable[SourceSession], user: str, *, sketched: bool = False
) -> EnrolmentData:
    """One user's enrolment from sessions under one mouse configuration.

    Raises
    ------
    SteadyhandError
        If there is none, they are of several mouse configurations or kinds, or one holds events and no action.
    """
    every = list(sessions)
    recorded = [session for session in every if isinstance(session, RecordedSession)]
    if recorded and len(recorded) < len(every):
        raise SteadyhandError(
            f"{recorded[0].path.parent}: both recordings and tables", "put them into folders of their own"
        )
    if recorded:
        return enrolment_of(_items(recorded), user, sketched=sketched)
    mice = {mouse_of(session) for session in every}
    if len(mice) != 1:
        raise SteadyhandError(f"tables of {len(mice)} ways of capture", "train each from a folder of its own")
    counter = _ScriptedCounter()
    rows = tuple(rows_of(session, user, counter.over(session), sketched=sketched) for session in every)
    return EnrolmentData(mice.pop(), rows, counter.scripted)


def rows_of(
    session: SourceSession, user: str, entries: Iterable[StreamItem], *, sketched: bool = False
) -> SessionRows:
    """The session's feature rows.

    Raises
    ------
    SteadyhandError
        If it cannot be read, or holds many events and no action.
    """
    counted = _EventCounter(entries)
    rows = session_rows(user, session.name, counted, sketched=sketched)
    check_actions(session.path, counted.events, len(rows.rows))
    return rows


def check_actions(path: Path, events: int, actions: int) -> None:
    """Refuse many events of which no mouse action can be made.

    Raises
    ------
    SteadyhandError
        If there are so many, and no action.
    """
    if not actions and events >= _MANY_EVENTS:
        raise SteadyhandError(
            f"{path}: {events} events and no mouse action in them", "check its times and positions"
        )


def enrolment_at(
    source: Path,
    user: str,
    paths: Paths,
    *,
    sketched: bool = False,
    opening_key: Path | None = None,
    time_unit: TimeUnit | None = None,
    quiet: bool = False,
) -> EnrolmentData:
    """The sessions at `source`: recordings, sealed recordings or tables, in a folder or one file; shows progress.

    Raises
    ------
    SteadyhandError
        If there is nothing, or it is of several accounts, mice or ways of capture.
    """
    return enrolment_by_key(
        source,
        user,
        SourceKeys.of(paths, opening_key),
        lambda sessions: progress(sessions, "session", quiet=quiet),
        sketched=sketched,
        time_unit=time_unit,
    )


class _EventCounter:
    """Passes entries on and counts the events in them."""

    def __init__(self, entries: Iterable[StreamItem]) -> None:
        self.events = 0
        self._entries = entries

    def __iter__(self) -> Iterator[StreamItem]:
        for entry in self._entries:
            self.events += len(entry) if isinstance(entry, EventBatch) else 0
            yield entry


def _items(sessions: Iterable[RecordedSession]) -> Iterator[StreamItem | Session]:
    for session in sessions:
        yield from session.items()


def _sessions(
    items: Iterable[StreamItem | Session], mice: dict[str, MouseConfiguration]
) -> Iterator[tuple[str, list[StreamItem]]]:
    """Runs of items without a break; the configurations met are put into `mice`."""
    held: list[StreamItem] = []
    count = 0
    for entry in items:
        if isinstance(entry, Session):
            mice[entry.mouse.key] = entry.mouse
        elif not (isinstance(entry, Boundary) and entry.cause in _BREAKS):
            held.append(entry)
            continue
        if held:
            yield f"session {count}", held
            held, count = [], count + 1
    if held:
        yield f"session {count}", held
