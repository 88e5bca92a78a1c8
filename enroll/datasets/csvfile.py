"""Tables of mouse events in CSV: checked, cleaned of glitches, read piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, Final, TextIO

import numpy as np
from numpy.typing import NDArray

from agent.engine.errors import SteadyhandError
from agent.engine.events import Boundary, Button, Cause, EventBatch, EventKind, StreamItem

GLITCH_PX: Final = 65_535.0

_LINES: Final = 1 << 16
_ROW: Final = np.dtype([("t", "f8"), ("button", "S12"), ("state", "S12"), ("x", "f8"), ("y", "f8")])
_KINDS: Final = {
    b"Move": EventKind.MOVE,
    b"Drag": EventKind.DRAG,
    b"Pressed": EventKind.PRESS,
    b"Released": EventKind.RELEASE,
    b"Up": EventKind.SCROLL,
    b"Down": EventKind.SCROLL,
}
_DIRECTIONS: Final = {b"Up": Button.SCROLL_UP, b"Down": Button.SCROLL_DOWN}
_BUTTONS: Final = {
    b"NoButton": Button.NONE,
    b"Left": Button.LEFT,
    b"Right": Button.RIGHT,
    b"Middle": Button.MIDDLE,
    b"Scroll": Button.NONE,
    b"XButton": Button.BACK,
    b"Other": Button.MIDDLE,
}


@dataclass(frozen=True, slots=True)
class TableFormat:
    """The columns of a table of events.

    Attributes
    ----------
    name : str
        Name of the format, for errors.
    columns : tuple of str
        The header, in order.
    time : str
        The column whose times count; another one is never read.
    ns_per_unit : float
        Nanoseconds in one unit of that column.
    capture : str
        How the events were captured, as `MouseConfiguration.capture` says it.
    """

    name: str
    columns: tuple[str, ...]
    time: str
    ns_per_unit: float
    capture: str

    @property
    def used(self) -> tuple[int, ...]:
        """Numbers of the columns that are read: time, button, state, x, y."""
        return tuple(self.columns.index(name) for name in (self.time, "button", "state", "x", "y"))


# The network's `record timestamp` tells who has which line, not who moves the mouse: it is never read.
BALABIT: Final = TableFormat(
    "balabit",
    ("record timestamp", "client timestamp", "button", "state", "x", "y"),
    "client timestamp",
    1e9,
    "rdp",
)
SAPIMOUSE: Final = TableFormat(
    "sapimouse", ("client timestamp", "button", "state", "x", "y"), "client timestamp", 1e6, "browser"
)
FORMATS: Final = (BALABIT, SAPIMOUSE)


def detect_format(path: Path) -> TableFormat:
    """The format whose header the file has.

    Raises
    ------
    SteadyhandError
        If the file cannot be read or has another header.
    """
    with _opened(path) as file:
        header = _header(file)
    for table in FORMATS:
        if header == table.columns:
            return table
    raise _other_columns(path, header, FORMATS)


def read_events(path: Path, table: TableFormat) -> Iterator[StreamItem]:
    """The events of a table in batches of at most 65,536.

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
        From iteration: if the file cannot be read, its columns are others, a value is not one, or there is no
        event in it.
    """
    clock = _MonotonicTimes()
    empty = True
    with _opened(path) as file:
        header = _header(file)
        if header != table.columns:
            raise _other_columns(path, header, (table,))
        line = 2
        while lines := list(islice(file, _LINES)):
            rows = _parse(path, table, lines, line)
            line += len(lines)
            batch = _events(rows, table)
            empty = empty and not len(batch)
            yield from clock.forward(batch)
    if empty:
        raise SteadyhandError(
            f"{path}: no mouse event in it", "leave the file out, or record the session again"
        )


@dataclass(frozen=True, slots=True, eq=False)
class LiteralTable:
    """A table as it stands in its file: glitches, repeated lines and steps of the clock included.

    Attributes
    ----------
    t_s, x, y : ndarray of float64, shape (n,)
        Times in s, positions in px.
    kind, button : ndarray of uint8, shape (n,)
        As in `EventBatch`.
    repeats : ndarray of bool, shape (n,)
        True where a line repeats the one before it in every column.
    """

    t_s: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    kind: NDArray[np.uint8]
    button: NDArray[np.uint8]
    repeats: NDArray[np.bool_]


def read_literally(path: Path, table: TableFormat) -> LiteralTable:
    """The whole table at once, for comparison with programs that read it so.

    Raises
    ------
    SteadyhandError
        As `read_events` does from iteration.
    """
    with _opened(path) as file:
        header = _header(file)
        if header != table.columns:
            raise _other_columns(path, header, (table,))
        lines = [text for text in file if text.strip()]
    rows = _parse(path, table, lines, 2)
    first = ",".join(table.columns)
    told = [text.rstrip() for text in lines if not text.startswith(first)]
    repeats = np.array([False, *(a == b for a, b in pairwise(told))][: len(told)], np.bool_)
    kind, button = _codes(rows)
    return LiteralTable(rows["t"] * (table.ns_per_unit / 1e9), rows["x"], rows["y"], kind, button, repeats)


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
            yield EventBatch(part.t_ns + self._offset_ns, *(getattr(part, n) for n in part.__slots__[1:]))
            self._last_ns = int(raw[end - 1]) + self._offset_ns


def _opened(path: Path) -> TextIO:
    try:
        return path.open(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise SteadyhandError(
            f"{path} cannot be read ({error.strerror})", "check its name and its rights"
        ) from error


def _header(file: TextIO) -> tuple[str, ...]:
    return tuple(name.strip() for name in file.readline().split(","))


def _other_columns(path: Path, header: tuple[str, ...], tables: tuple[TableFormat, ...]) -> SteadyhandError:
    shown = ", ".join(header)[:120]
    expected = " or ".join(repr(",".join(table.columns)) for table in tables)
    return SteadyhandError(f"{path}, line 1: columns {shown!r}", f"the first line must be {expected}")


def _parse(path: Path, table: TableFormat, lines: list[str], first: int) -> NDArray[Any]:
    """Rows of the used columns; a repeated header is no row."""
    header = ",".join(table.columns)
    told = [text for text in lines if not text.startswith(header)]
    if not any(text.strip() for text in told):
        return np.empty(0, _ROW)
    try:
        rows = _load(told, table)
    except ValueError as error:
        raise _bad_line(path, table, lines, first) from error
    known = np.isin(rows["state"], list(_KINDS)) & np.isin(rows["button"], list(_BUTTONS))
    if not (known & np.isfinite(rows["t"])).all():
        raise _bad_line(path, table, lines, first)
    return rows


def _load(lines: list[str], table: TableFormat) -> NDArray[Any]:
    return np.loadtxt(lines, _ROW, comments=None, delimiter=",", usecols=table.used, ndmin=1)


def _bad_line(path: Path, table: TableFormat, lines: list[str], first: int) -> SteadyhandError:
    """Find the line that cannot be read, one at a time: slow, and only on the way out."""
    mend = f"each line must be {','.join(table.columns)}, as in 0.25,NoButton,Move,613,140"
    header = ",".join(table.columns)
    for number, text in enumerate(lines, first):
        if not text.strip() or text.startswith(header):
            continue
        try:
            row = _load([text], table)[0]
        except ValueError:
            return SteadyhandError(f"{path}, line {number}: {text.strip()[:120]!r} is not an event", mend)
        if row["state"] not in _KINDS or row["button"] not in _BUTTONS:
            return SteadyhandError(
                f"{path}, line {number}: unknown button or state in {text.strip()[:120]!r}", mend
            )
        if not np.isfinite(row["t"]):
            return SteadyhandError(f"{path}, line {number}: time {row['t']} is not a number", mend)
    return SteadyhandError(f"{path}, lines {first} to {first + len(lines) - 1}: not a table of events", mend)


def _events(rows: NDArray[Any], table: TableFormat) -> EventBatch:
    good = (np.abs(rows["x"]) < GLITCH_PX) & (np.abs(rows["y"]) < GLITCH_PX)
    rows = rows[good]
    kind, button = _codes(rows)
    t_ns = np.rint(rows["t"] * table.ns_per_unit).astype(np.int64)
    x, y = (np.ascontiguousarray(rows[name]) for name in ("x", "y"))
    return EventBatch.of(t_ns, x, y, kind, button)


def _codes(rows: NDArray[Any]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Kinds and buttons."""
    kind = _translate(rows["state"], _KINDS)
    directions, buttons = _translate(rows["state"], _DIRECTIONS), _translate(rows["button"], _BUTTONS)
    return kind, np.where(kind == EventKind.SCROLL, directions, buttons)


def _translate(words: NDArray[np.bytes_], codes: dict[bytes, Any]) -> NDArray[np.uint8]:
    out = np.zeros(len(words), np.uint8)
    for word, code in codes.items():
        out[words == word] = code
    return out
