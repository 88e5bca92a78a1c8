"""Export: recordings become tables of events in the columns of the Balabit data set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from agent.engine.events import Boundary, Button, EventBatch, EventKind, OnAction, OnWindow, StreamItem
from agent.files.private import private_dir, write_private
from agent.files.stream import Session
from enroll.datasets.formats import BALABIT
from enroll.datasets.vocabulary import BUTTONS, DIRECTIONS, STATES
from enroll.sources.keeping import plain_name
from enroll.sources.recorded import RecordedSession
from enroll.sources.sessions import SourceSession


def export_session(session: SourceSession, folder: Path) -> tuple[Path, ...]:
    """Write ``folder/PERSON/session_NAME.csv``, readable by this user alone; a recording that was interrupted becomes
    several tables, since a table cannot say where.

    Returns
    -------
    tuple of Path
        The tables; none where no event was recorded.

    Raises
    ------
    SteadyhandError
        If the session cannot be read, or a table cannot be written.
    """
    entries = session.items() if isinstance(session, RecordedSession) else iter(session)
    stretches = list(stretches_of(entries))
    name = session.name.removeprefix("session_")
    home = private_dir(folder / plain_name(session.account))
    width = len(str(len(stretches)))
    written = []
    for number, batch in enumerate(stretches, 1):
        part = f"_part{number:0{width}}" if len(stretches) > 1 else ""
        path = home / f"session_{plain_name(name)}{part}.csv"
        write_private(path, table_text(batch).encode())
        written.append(path)
    return tuple(written)


def stretches_of(entries: Iterable[StreamItem | Session]) -> Iterator[EventBatch]:
    """Events between one interruption and the next."""
    batches: list[EventBatch] = []
    for entry in entries:
        if isinstance(entry, EventBatch):
            batches.append(entry)
        elif batches and _interrupts(entry):
            yield EventBatch.concat(batches)
            batches = []
    if batches:
        yield EventBatch.concat(batches)


def table_text(batch: EventBatch) -> str:
    """A table of these events, with its header; times in seconds, to the nanosecond."""
    columns = (
        batch.t_ns.tolist(),
        batch.kind.tolist(),
        batch.button.tolist(),
        batch.x.tolist(),
        batch.y.tolist(),
    )
    lines = [_line(*row) for row in zip(*columns, strict=True)]
    return "\n".join([BALABIT.header, *lines]) + "\n"


def _line(t_ns: int, kind: int, button: int, x: float, y: float) -> str:
    whole, rest = divmod(t_ns, 1_000_000_000)
    if kind == EventKind.SCROLL:
        state, name = DIRECTIONS.get(Button(button), "Down"), "Scroll"
    else:
        pressed = "Other" if kind in (EventKind.PRESS, EventKind.RELEASE) else "NoButton"
        state, name = STATES[EventKind(kind)], BUTTONS.get(button, pressed)  # type: ignore[call-overload]
    return f"{whole}.{rest:09},{whole}.{rest:09},{name},{state},{x:.10g},{y:.10g}"


def _interrupts(entry: Boundary | Session) -> bool:
    if isinstance(entry, Session):
        return True
    return entry.cause.on_action is OnAction.DROPPED or entry.cause.on_window is not OnWindow.GOES_ON
