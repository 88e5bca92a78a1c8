"""Literal tables: events as they stand in a file, for comparison with programs that read them so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.engine.events import EventBatch, StreamItem
from enroll.datasets.csvfile import table_rows
from enroll.datasets.formats import TableFormat


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
    """The whole table at once.

    Raises
    ------
    SteadyhandError
        As `enroll.datasets.csvfile.read_events` does from iteration, but for the clock.
    """
    parts = list(table_rows(path, table))
    lines = np.concatenate([part.line for part in parts]) if parts else np.empty(0, np.intp)
    texts = _texts(path, lines)
    repeats = np.array([False, *(a == b for a, b in pairwise(texts))][: len(texts)], np.bool_)

    def column(name: str, dtype: type[np.generic]) -> NDArray[np.generic]:
        return np.concatenate([np.empty(0, dtype), *(getattr(part, name) for part in parts)])

    return LiteralTable(
        column("t", np.float64).astype(np.float64) * (table.ns_per_unit / 1e9),
        column("x", np.float64).astype(np.float64),
        column("y", np.float64).astype(np.float64),
        column("kind", np.uint8).astype(np.uint8),
        column("button", np.uint8).astype(np.uint8),
        repeats,
    )


def literal_of(entries: Iterable[StreamItem]) -> LiteralTable:
    """The events of a recording as such a table; a recording has no lines that could repeat."""
    batch = EventBatch.concat(entry for entry in entries if isinstance(entry, EventBatch))
    return LiteralTable(
        batch.t_ns / 1e9, batch.x, batch.y, batch.kind, batch.button, np.zeros(len(batch), np.bool_)
    )


def _texts(path: Path, lines: NDArray[np.intp]) -> list[str]:
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        every = [text.rstrip() for text in file]
    return [every[number - 1] for number in lines.tolist()]
