"""Session measurement: turns the events of a session into feature rows for training and evaluation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from _fastfeat import FEATURES, SCHEMA, ActionRows
from agent.engine.events import Boundary, EventBatch, EventKind, OnAction, StreamItem
from agent.engine.row_stream import GAP_NS, RowStream
from agent.engine.sketch import SketchedRows

# What mostly tells the mouse is the same for whoever holds it: it cannot speak for or against a hand.
HAND: Final[tuple[str, ...]] = tuple(
    f.name for f in SCHEMA if not f.configuration_sensitive and f.group != "frequency"
)

_MOST_INTERVAL_S: Final = 0.3
_MOST_STEP_NS: Final = 60_000_000_000


@dataclass(frozen=True, slots=True, eq=False)
class SessionRows:
    """One session after the kernel.

    Attributes
    ----------
    account, name : str
    rows : ActionRows
    intervals_s : ndarray of float64, shape (i,)
        Times between consecutive moves, those above 0 and under 0.3 s: the signature of the device.
    """

    account: str
    name: str
    rows: ActionRows
    intervals_s: NDArray[np.float64]

    @property
    def active_s(self) -> float:
        """Start-to-start intervals of actions of at most 60 s, added up."""
        return float(self.steps_s.sum())

    @property
    def steps_s(self) -> NDArray[np.float64]:
        """Active seconds from each action to the next, 0 where it is more than 60 s; shape (n - 1,)."""
        steps = np.diff(self.rows.start_ns)
        return np.where(steps <= _MOST_STEP_NS, steps, 0) / 1e9


def session_rows(
    account: str, name: str, entries: Iterable[StreamItem], *, sketched: bool = False
) -> SessionRows:
    """Run a recorded session through the kernel.

    Parameters
    ----------
    account, name : str
    entries : iterable of StreamItem
        Read once; only one batch is held at a time.
    sketched : bool
        Whether actions are sketched, too (`agent.engine.sketch`).
    """
    stream, parts, intervals = RowStream(GAP_NS, sketched=sketched), [], []
    last_ns: int | None = None
    for entry in entries:
        parts += [part for part in stream.feed(entry) if isinstance(part, ActionRows)]
        if isinstance(entry, Boundary):
            last_ns = last_ns if entry.cause.on_action is OnAction.ENDS else None
            continue
        short_s, last_ns = _intervals(entry, last_ns)
        intervals.append(short_s)
    rows = ActionRows.concat([*parts, stream.flush()])
    return SessionRows(account, name, rows, np.concatenate(intervals) if intervals else np.empty(0))


def select(rows: ActionRows, features: Sequence[str], kinds: Sequence[int]) -> NDArray[np.float64]:
    """The named columns of the actions of these kinds, shape (n, F)."""
    columns = [FEATURES.index(name) for name in features]
    chosen: NDArray[np.float64] = rows.features[np.isin(rows.kind, list(kinds))][:, columns]
    return chosen


def sketches(rows: ActionRows, kinds: Sequence[int]) -> NDArray[np.float32] | None:
    """The sketches of the actions of these kinds, shape (n, WIDTH); None where they were not made."""
    if not isinstance(rows, SketchedRows):
        return None
    chosen: NDArray[np.float32] = rows.sketches[np.isin(rows.kind, list(kinds))]
    return chosen


def _intervals(batch: EventBatch, last_ns: int | None) -> tuple[NDArray[np.float64], int | None]:
    """Short times between successive moves, and the time of the last move if it ends the batch."""
    moves = batch.kind == EventKind.MOVE
    times = batch.t_ns if last_ns is None else np.concatenate(([last_ns], batch.t_ns))
    both = moves if last_ns is None else np.concatenate(([True], moves))
    steps = np.diff(times)[both[1:] & both[:-1]] / 1e9
    end_ns = int(batch.t_ns[-1]) if len(batch) and moves[-1] else None
    return steps[(steps > 0.0) & (steps < _MOST_INTERVAL_S)], end_ns
