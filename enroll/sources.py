"""Where sessions come from: recordings of the agent, data sets, single tables; and tables made into recordings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from agent.engine.errors import SteadyhandError
from agent.engine.events import Boundary, Cause, EventBatch, StreamItem
from agent.engine.mouse import MouseConfiguration
from agent.engine.scripted import ScriptedMovement
from agent.files.keys import recording_key
from agent.files.paths import Paths
from agent.files.recording import open_recording, read_recording
from agent.files.recordings import SUFFIX, list_recordings
from agent.files.stream import Session
from enroll.datasets.csvfile import detect_format
from enroll.datasets.session import DataSession
from enroll.sessions import SessionRows, session_rows

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
        for item in items:
            self.scripted += len(self._watch.feed(item))
            yield item


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
    eyes = _ScriptedCounter()
    parts = _sessions(items, mice)
    sessions = [session_rows(user, name, eyes.over(part), sketched=sketched) for name, part in parts]
    if not sessions:
        raise SteadyhandError("nothing was recorded", "record first, or name another folder")
    if len(mice) > 1:
        named = ", ".join(sorted(m.name or key for key, m in mice.items()))
        raise SteadyhandError(
            f"recordings of {len(mice)} mice: {named}", "train each from its own recordings"
        )
    return EnrolmentData(next(iter(mice.values())), tuple(sessions), eyes.scripted)


def recordings_at(source: Path) -> tuple[Path, ...]:
    """The recordings that `source` is or holds, oldest first; none where it holds tables."""
    return (source,) if source.suffix == SUFFIX else tuple(info.path for info in list_recordings(source))


def enrolment_by_key(
    source: Path,
    user: str,
    key: bytes | None,
    shown: Callable[[Sequence[DataSession]], Iterable[DataSession]] = tuple,
    *,
    sketched: bool = False,
) -> EnrolmentData:
    """One user's enrolment from a folder of recordings, a folder of tables, or one file of either.

    Parameters
    ----------
    source : Path
    user : str
    key : bytes or None
        Of the recordings; None where there are none.
    shown : callable
        Passes tables on, to count them on the way.
    sketched : bool
        Whether actions are sketched, too (`agent.engine.sketch`).

    Raises
    ------
    SteadyhandError
        If there is nothing to read, or sessions of several accounts or mouse configurations.
    """
    if recordings := recordings_at(source):
        if key is None:
            raise SteadyhandError(f"{source}: recordings without their key", "name their folder in the call")
        return enrolment_of(recorded_items(recordings, key), user, sketched=sketched)
    tables = table_sessions(source)
    captures = {session.table.capture for session in tables}
    if len({session.account for session in tables}) > 1 or len(captures) > 1:
        raise SteadyhandError(f"{source}: sessions of several accounts", "name the folder of one account")
    eyes = _ScriptedCounter()
    rows = tuple(session_rows(user, s.name, eyes.over(s), sketched=sketched) for s in shown(tables))
    return EnrolmentData(MouseConfiguration(captures.pop()), rows, eyes.scripted)


def recorded_items(paths: Iterable[Path], key: bytes) -> Iterator[StreamItem | Session]:
    """Everything in the recordings, one after the other.

    Raises
    ------
    SteadyhandError
        From iteration: as `read_recording`.
    """
    for path in paths:
        yield from read_recording(path, key).items()


def table_sessions(source: Path) -> tuple[DataSession, ...]:
    """The tables of events at `source`: itself, or those in it and the folders below, in order of their names.

    Raises
    ------
    SteadyhandError
        If there is none, or one has other columns.
    """
    files = [source] if source.is_file() else sorted(p for p in source.rglob("session_*") if p.is_file())
    if not files:
        raise SteadyhandError(
            f"{source}: no table of events", "give a CSV file, or a folder with session_* files"
        )
    return tuple(DataSession(path.parent.name, path.stem, path, detect_format(path)) for path in files)


def enrolment_at(source: Path, user: str, paths: Paths, *, sketched: bool = False) -> EnrolmentData:
    """The sessions at `source`: recordings or tables, in a folder or one file; with a progress bar.

    Raises
    ------
    SteadyhandError
        If there is nothing, or it is of several accounts, mice or ways of capture.
    """
    key = recording_key(paths) if recordings_at(source) else None
    return enrolment_by_key(
        source, user, key, lambda tables: tqdm(tables, unit="session", disable=None), sketched=sketched
    )


def import_session(session: DataSession, folder: Path, key: bytes) -> Path:
    """Keep a table as a recording, encrypted like the agent's own.

    Returns
    -------
    Path
        ``folder/ACCOUNT/NAME.recording``.

    Raises
    ------
    SteadyhandError
        If the table is malformed, or the recording is there already or cannot be written.
    """
    path = folder / session.account / f"{session.name}{SUFFIX}"
    if path.exists():
        raise SteadyhandError(f"{path} is there already", "erase it first, or import to another folder")
    mouse = MouseConfiguration(session.table.capture)
    with open_recording(path, key) as writer:
        began = False
        for item in session:
            if not began:
                start_ns = int(item.t_ns[0]) if isinstance(item, EventBatch) else item.t_ns
                writer.append([Session(mouse, start_ns, session.path.stat().st_mtime_ns, "file")])
                began = True
            writer.append([item])
    return path


def _sessions(
    items: Iterable[StreamItem | Session], mice: dict[str, MouseConfiguration]
) -> Iterator[tuple[str, list[StreamItem]]]:
    """Runs of items without a break; the configurations met are put into `mice`."""
    held: list[StreamItem] = []
    count = 0
    for item in items:
        if isinstance(item, Session):
            mice[item.mouse.key] = item.mouse
        elif not (isinstance(item, Boundary) and item.cause in _BREAKS):
            held.append(item)
            continue
        if held:
            yield f"session {count}", held
            held, count = [], count + 1
    if held:
        yield f"session {count}", held
