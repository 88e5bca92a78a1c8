"""Rows of an event table: text lines parsed into columns, with the line number of each."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from agent.engine.errors import SteadyhandError
from agent.engine.events import EventKind
from enroll.datasets.formats import TableFormat
from enroll.datasets.vocabulary import Extra, meaning_of

_ROW: Final = np.dtype([("t", "f8"), ("button", "S24"), ("state", "S24"), ("x", "f8"), ("y", "f8")])
_MOST_SHOWN: Final = 120
_EXTRAS: Final = tuple(Extra)


@dataclass(frozen=True, slots=True, eq=False)
class TableRows:
    """Rows as they stand in the file, glitches and steps of the clock included.

    Attributes
    ----------
    t : ndarray of float64, shape (n,)
        Times in the table's unit.
    x, y : ndarray of float64, shape (n,)
        Positions in px.
    kind, button : ndarray of uint8, shape (n,)
        As in `EventBatch`.
    extra : ndarray of uint8, shape (n,)
        Numbers of `Extra` in the order of its members.
    line : ndarray of intp, shape (n,)
        Line numbers in the file, from 1.
    """

    t: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    kind: NDArray[np.uint8]
    button: NDArray[np.uint8]
    extra: NDArray[np.uint8]
    line: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.t)

    def __getitem__(self, rows: Any) -> TableRows:
        return TableRows(*(getattr(self, field.name)[rows] for field in fields(self)))

    def expanded(self, table: TableFormat) -> TableRows:
        """One row for each event: clicks become a press and a release, derived rows go."""
        rows = self[self.extra != _EXTRAS.index(Extra.DERIVED)]
        at_once = rows.extra == _EXTRAS.index(Extra.CLICK)
        if not table.has_releases:
            at_once |= rows.kind == EventKind.PRESS
        if not at_once.any():
            return rows
        doubled = rows[np.repeat(np.arange(len(rows)), 1 + at_once)]
        second = np.cumsum(1 + at_once)[at_once] - 1
        doubled.kind[second] = EventKind.RELEASE
        return doubled


def parse_rows(path: Path, table: TableFormat, lines: list[str], first: int) -> TableRows:
    """Parse text lines; empty ones and repeated headers are no rows.

    Parameters
    ----------
    path : Path
        For errors.
    table : TableFormat
    lines : list of str
    first : int
        Number of the first line in the file.

    Raises
    ------
    SteadyhandError
        With the number of the first line that is malformed.
    """
    header = table.header
    numbered = [
        (number, text)
        for number, text in enumerate(lines, first)
        # Looked for first: a call for each line is half of the time that reading takes.
        if text.strip() and not (header in text and _is_header(text, header))
    ]
    if not numbered:
        return _rows_of(np.empty(0, _ROW), table, np.empty(0, np.intp))
    numbers, texts = zip(*numbered, strict=True)
    try:
        return _rows_of(_load(list(texts), table), table, np.array(numbers, np.intp))
    except (ValueError, KeyError) as error:
        raise _bad_line(path, table, numbered) from error


def shown_text(text: str) -> str:
    """Text from a file as an error may show it: without control characters, and short."""
    plain = "".join(c if c.isprintable() else "·" for c in text.strip())
    return plain if len(plain) <= _MOST_SHOWN else plain[:_MOST_SHOWN] + "…"


def _is_header(text: str, header: str) -> bool:
    return text.startswith(header) or text.strip() == header or text.strip().strip("\ufeff") == header


def _load(lines: list[str], table: TableFormat) -> NDArray[Any]:
    if table.delimiter == ";":
        lines = [text.replace(",", ".") for text in lines]
    try:
        return np.loadtxt(
            lines,
            _ROW,
            comments=None,
            delimiter=table.delimiter,
            usecols=table.used,
            ndmin=1,
            quotechar='"',
        )
    except OverflowError as error:
        raise ValueError(str(error)) from error


def _rows_of(loaded: NDArray[Any], table: TableFormat, line: NDArray[np.intp]) -> TableRows:
    if len(loaded) != len(line):
        raise ValueError("a quoted text goes over several lines")
    if not np.isfinite(loaded["t"]).all():
        raise ValueError("a time is no number")
    kind, button, extra = (np.zeros(len(loaded), np.uint8) for _ in range(3))
    for state_word, button_word in set(zip(loaded["state"].tolist(), loaded["button"].tolist(), strict=True)):
        named = button_word.decode("latin-1") if table.button else None
        meaning = meaning_of(state_word.decode("latin-1"), named)
        if meaning is None:
            raise KeyError(state_word, button_word)
        rows = (loaded["state"] == state_word) & (loaded["button"] == button_word)
        kind[rows], button[rows], extra[rows] = meaning[0], meaning[1], _EXTRAS.index(meaning[2])
    return TableRows(loaded["t"], loaded["x"], loaded["y"], kind, button, extra, line)


def _bad_line(path: Path, table: TableFormat, numbered: list[tuple[int, str]]) -> SteadyhandError:
    """Find the line that cannot be read, one at a time: slow, and only on the way out."""
    mend = f"each line must be {table.header}, as in {_EXAMPLES.get(table.name, '15,NoButton,Move,613,140')}"
    for number, text in numbered:
        try:
            row = _load([text], table)[0]
        except ValueError:
            return SteadyhandError(f"{path}, line {number}: '{shown_text(text)}' is not an event", mend)
        if not np.isfinite(row["t"]):
            return SteadyhandError(f"{path}, line {number}: time {row['t']} is not a number", mend)
        try:
            _rows_of(np.array([row], _ROW), table, np.array([number], np.intp))
        except KeyError:
            return SteadyhandError(
                f"{path}, line {number}: unknown button or state in '{shown_text(text)}'", mend
            )
    first, last = numbered[0][0], numbered[-1][0]
    return SteadyhandError(f"{path}, lines {first} to {last}: not a table of events", mend)


_EXAMPLES: Final = {"balabit": "0.25,0.25,NoButton,Move,613,140", "sapimouse": "250,NoButton,Move,613,140"}
