"""Reader of event tables in CSV: checks rows and clock, drops glitches, reads piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from agent.engine.errors import SteadyhandError
from agent.engine.events import Boundary, Cause, EventBatch, EventKind, StreamItem
from enroll.datasets.formats import FORMATS, TableFormat, TimeUnit, format_of
from enroll.datasets.rows import TableRows, parse_rows, shown_text
from enroll.datasets.timecheck import TimeSurvey, fitting_units

GLITCH_PX: Final = 65_535.0

_LINES: Final = 1 << 16
_MOST_HEADER: Final = 4096
_SAMPLED_LINES: Final = 4096


def detect_format(path: Path, unit: TimeUnit | None = None) -> TableFormat:
    """The format that a file has by its columns and words.

    Parameters
    ----------
    path : Path
    unit : TimeUnit, optional
        Of its times; by the columns where None, and else by what mice do.

    Raises
    ------
    SteadyhandError
        If the file cannot be read, has no columns of time, event, x and y, or its unit of time cannot be told.
    """
    detected = _format_at(path)
    if detected is None:
        raise _other_columns(path)
    table, is_unit_known = detected
    if table in FORMATS and _has_all_words(path):
        return table.in_unit(unit)
    table = _with_words(path, table)
    if unit is None and not is_unit_known:
        unit = _unit_by_content(path, table)
    return table.in_unit(unit)


def is_table(path: Path) -> bool:
    """Whether the file's first line has the columns of a table of events.

    Raises
    ------
    SteadyhandError
        If it cannot be read.
    """
    return _format_at(path) is not None


def read_events(path: Path, table: TableFormat) -> Iterator[StreamItem]:
    """The events of a table in batches of at most 65,536 lines.

    Glitches (a coordinate of 65535 or more in absolute value, or not finite) are dropped, repeated headers
    are skipped. Where time runs backwards a `CLOCK_STEP` boundary stands, and the times after it go on from
    there, so that the times given out never decrease.

    Parameters
    ----------
    path : Path
    table : TableFormat

    Raises
    ------
    SteadyhandError
        From iteration: if the file cannot be read, its columns are others, a row is malformed, there is no event in
        it, or, at the end, its clock is none (`enroll.datasets.timecheck`).
    """
    clock, survey = _MonotonicTimes(), TimeSurvey(path, table.unit)
    held = _HeldButton(table)
    empty = True
    for rows in table_rows(path, table):
        good = rows[(np.abs(rows.x) < GLITCH_PX) & (np.abs(rows.y) < GLITCH_PX)]
        survey.add(good.t, good.x, good.y, good.kind, good.line)
        batch = held.drags(_events(good.expanded(table), table))
        empty = empty and not len(batch)
        yield from clock.forward(batch)
    if empty:
        raise SteadyhandError(
            f"{path}: no mouse event in it", "leave the file out, or record the session again"
        )
    survey.raise_if_wrong()


def table_rows(path: Path, table: TableFormat) -> Iterator[TableRows]:
    """The rows of a table as they stand, up to 65,536 lines at a time.

    Raises
    ------
    SteadyhandError
        From iteration: if the file cannot be read, its columns are others, or a row is malformed.
    """
    with _opened(path) as file:
        detected = format_of(file.readline(_MOST_HEADER).strip("\n\r"))
        if detected is None or detected[0].columns != table.columns:
            raise _other_columns(path, (table,))
        line = 2
        while lines := list(islice(file, _LINES)):
            yield parse_rows(path, table, lines, line)
            line += len(lines)


class _MonotonicTimes:
    """Makes times non-decreasing: cuts where they run backwards and goes on from the last one."""

    def __init__(self) -> None:
        self._last_ns: int | None = None
        self._offset_ns = 0

    def forward(self, batch: EventBatch) -> Iterator[StreamItem]:
        if not len(batch):
            return
        raw = batch.t_ns
        before = raw[0] if self._last_ns is None else self._last_ns - self._offset_ns
        cuts = np.flatnonzero(np.diff(raw, prepend=before) < 0)
        for start, end in zip([0, *cuts], [*cuts, len(raw)], strict=True):
            if start == end:
                continue
            if self._last_ns is not None and raw[start] + self._offset_ns < self._last_ns:
                step_ns = self._last_ns - int(raw[start]) - self._offset_ns
                self._offset_ns += step_ns
                yield Boundary(
                    self._last_ns, Cause.CLOCK_STEP, f"time ran backwards by {step_ns / 1e9:.3f} s"
                )
            part = batch[start:end]
            yield replace(part, t_ns=part.t_ns + self._offset_ns)
            self._last_ns = int(raw[end - 1]) + self._offset_ns


class _HeldButton:
    """Turns moves with a button held into drags, in tables that write no drags."""

    def __init__(self, table: TableFormat) -> None:
        self._needed = not table.has_drags and table.has_releases
        self._down = 0

    def drags(self, batch: EventBatch) -> EventBatch:
        if not self._needed or not len(batch):
            return batch
        steps = (batch.kind == EventKind.PRESS).astype(np.int64) - (batch.kind == EventKind.RELEASE)
        held = self._down + np.cumsum(steps)
        self._down = max(0, int(held[-1]))
        is_drag = (batch.kind == EventKind.MOVE) & (held > 0)
        return replace(batch, kind=np.where(is_drag, np.uint8(EventKind.DRAG), batch.kind))


def _events(rows: TableRows, table: TableFormat) -> EventBatch:
    t_ns = np.rint(rows.t * table.ns_per_unit).astype(np.int64)
    x, y = (np.ascontiguousarray(column) for column in (rows.x, rows.y))
    return EventBatch.of(t_ns, x, y, rows.kind, rows.button)


def _format_at(path: Path) -> tuple[TableFormat, bool] | None:
    with _opened(path) as file:
        line = file.readline(_MOST_HEADER)
    return format_of(line.strip("\n\r"))


def _has_all_words(path: Path) -> bool:
    """Whether presses have their releases: the usual table, which needs no further look."""
    text = _lower_bytes(path)
    return b"releas" in text or b"press" not in text


def _with_words(path: Path, table: TableFormat) -> TableFormat:
    """Whether the table has words for releases and drags."""
    text = _lower_bytes(path)
    releases = any(word in text for word in (b"releas", b"mouseup", b"pointerup", b"buttonup")) or (
        b"up" in text and b"down" in text
    )
    presses = any(word in text for word in (b"press", b"mousedown", b"pointerdown", b"buttondown"))
    return replace(table, has_releases=releases or not presses, has_drags=b"drag" in text)


def _lower_bytes(path: Path) -> bytes:
    with _opened(path):
        return path.read_bytes().lower()


def _unit_by_content(path: Path, table: TableFormat) -> TimeUnit:
    first = next(table_rows(path, table), None)
    if first is None:
        return TimeUnit.MS
    moves = first[:_SAMPLED_LINES][np.isin(first.kind[:_SAMPLED_LINES], (EventKind.MOVE, EventKind.DRAG))]
    intervals, steps_px = np.diff(moves.t), np.hypot(np.diff(moves.x), np.diff(moves.y))
    fitting = fitting_units(intervals[intervals > 0], steps_px[intervals > 0])
    if len(fitting) == 1:
        return fitting[0]
    words = " or ".join(unit.word for unit in fitting) or "none"
    raise SteadyhandError(
        f"{path}, line 1: column {table.time!r} names no unit of time, and these would fit: {words}",
        "give --time-unit s, ms, us or ns",
    )


def _opened(path: Path) -> TextIOWrapper:
    try:
        return path.open(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise SteadyhandError(
            f"{path} cannot be read ({error.strerror})", "check its name and its rights"
        ) from error


def _other_columns(path: Path, tables: tuple[TableFormat, ...] = FORMATS) -> SteadyhandError:
    with path.open("rb") as file:
        start = file.read(_MOST_HEADER)
    expected = " or ".join(repr(table.header) for table in tables)
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return SteadyhandError(f"{path} is text in UTF-16", "save it as UTF-8")
    if b"\0" in start:
        return SteadyhandError(f"{path} is no text", f"give a table of events: its first line is {expected}")
    header = ", ".join(name.strip() for name in start.decode("utf-8", "replace").split("\n")[0].split(","))
    return SteadyhandError(
        f"{path}, line 1: columns '{shown_text(header)}'", f"the first line must be {expected}"
    )
