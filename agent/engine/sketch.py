"""Sketches: compact paths of actions, for detectors that use the course of a movement.

A sketch is what is left of an action's points once position and clock are taken away: the steps of its last 1.2 s, on
a grid of 50 ms, beside its kind, its rhythm and its click. On the grid, a mouse that reports often and one that reports
seldom say nearly the same. Like a feature row it is anonymous and of fixed size; nothing measures it unless a profile
names a detector that asks for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from _fastfeat import ActionKind, ActionRows
from agent.engine.events import EventBatch, EventKind

STEPS: Final = 24
STEP_S: Final = 0.05

_STEP_NS: Final = 50_000_000
_SPAN_NS: Final = STEPS * _STEP_NS
_BEYOND_PX: Final = 65_535.0
# Twice what an action can have: only events that the kernel itself drops could make more.
_MOST_HELD: Final = 8_192

Sketches = NDArray[np.float32]


class Column(IntEnum):
    """What the columns of a sketch hold; `STEPS` sideways steps and `STEPS` downward ones follow, in px.

    KIND is a value of `ActionKind`. DURATION_S is the whole action's. SINCE_S is the time from the end of the action
    before, -1 where that is not known. BUTTON is that of the last press, 0 without one, PRESS_STEP how many steps
    before the end it came, HOLD_S how long it was held. COUNT is how many steps there are; the rest are 0.
    """

    KIND = 0
    DURATION_S = 1
    SINCE_S = 2
    BUTTON = 3
    PRESS_STEP = 4
    HOLD_S = 5
    COUNT = 6


HEAD: Final = len(Column)
WIDTH: Final = HEAD + 2 * STEPS


@dataclass(frozen=True, slots=True, eq=False)
class SketchedRows(ActionRows):
    """Feature rows with the sketches of the same actions.

    Attributes
    ----------
    sketches : ndarray of float32, shape (m, WIDTH)
    """

    sketches: Sketches


def steps_of(sketches: Sketches) -> tuple[Sketches, Sketches, NDArray[np.bool_]]:
    """Sideways and downward steps, px, and which of them there are; each of shape (n, STEPS)."""
    dx, dy = sketches[:, HEAD : HEAD + STEPS], sketches[:, HEAD + STEPS : WIDTH]
    count = np.clip(np.nan_to_num(sketches[:, Column.COUNT]), 0, STEPS)
    there = np.arange(STEPS)[None, :] < count[:, None]
    return np.where(there, dx, 0.0), np.where(there, dy, 0.0), there


class Sketcher:
    """Keeps the events of the action under way, and sketches it when it is finished. For one thread.

    However the stream is split, the sketches are the same. Memory is bounded by the longest action.
    """

    def __init__(self) -> None:
        self._held = EventBatch.empty()
        self._last_end_ns: int | None = None

    def take(self, batch: EventBatch) -> None:
        """Take the next events, before the actions that they complete are sketched."""
        seen = np.isfinite(batch.x) & np.isfinite(batch.y) & (batch.kind != EventKind.SCROLL)
        seen &= (np.abs(batch.x) < _BEYOND_PX) & (np.abs(batch.y) < _BEYOND_PX)
        shown = batch if seen.all() else EventBatch(*(getattr(batch, n)[seen] for n in batch.__slots__))
        self._held = EventBatch.concat((self._held, shown)) if len(self._held) else shown

    def sketched(self, rows: ActionRows, open_since_ns: int | None) -> SketchedRows:
        """The rows with their sketches; after it, forgets what no later action can need.

        Parameters
        ----------
        rows : ActionRows
            All that the events so far have completed, and that were not sketched before.
        open_since_ns : int or None
            When the action under way began; None where none is.
        """
        sketches = np.zeros((len(rows), WIDTH), np.float32)
        for i in range(len(rows)):
            self._draw(sketches[i], rows, i)
        if len(self._held):
            needed_ns = int(self._held.t_ns[-1]) if open_since_ns is None else open_since_ns
            cut = max(int(np.searchsorted(self._held.t_ns, needed_ns)), len(self._held) - _MOST_HELD)
            self._held = self._held[cut:]
        return SketchedRows(rows.features, rows.kind, rows.start_ns, rows.end_ns, rows.points, sketches)

    def discard(self) -> None:
        """Forget everything: a boundary that drops the open action."""
        self._held, self._last_end_ns = EventBatch.empty(), None

    def _draw(self, out: Sketches, rows: ActionRows, i: int) -> None:
        start, end = int(rows.start_ns[i]), int(rows.end_ns[i])
        last, self._last_end_ns = self._last_end_ns, end
        out[Column.KIND] = rows.kind[i]
        out[Column.DURATION_S] = (end - start) / 1e9
        out[Column.SINCE_S] = -1.0 if last is None else (end - last) / 1e9
        if rows.kind[i] == ActionKind.SCROLL:
            return
        t = self._held.t_ns
        # Of several events at the very end only the first is sure to be this action's, and to be here already.
        first, stop = int(np.searchsorted(t, start)), int(np.searchsorted(t, end)) + 1
        part = self._held[first:stop]
        if len(part):
            _path(out, part, max(start, end - _SPAN_NS), end)
            _click(out, part, end)


def _path(out: Sketches, part: EventBatch, begin_ns: int, end_ns: int) -> None:
    count = min(STEPS, -(-(end_ns - begin_ns) // _STEP_NS))
    grid = np.maximum(end_ns - np.arange(count, -1, -1) * _STEP_NS, begin_ns) - end_ns
    t = part.t_ns - end_ns
    out[Column.COUNT] = count
    out[HEAD : HEAD + count] = np.diff(np.interp(grid, t, part.x))
    out[HEAD + STEPS : HEAD + STEPS + count] = np.diff(np.interp(grid, t, part.y))


def _click(out: Sketches, part: EventBatch, end_ns: int) -> None:
    pressed = np.flatnonzero(part.kind == EventKind.PRESS)
    pressed = pressed[part.t_ns[pressed] >= end_ns - _SPAN_NS]
    if len(pressed):
        at_ns = int(part.t_ns[pressed[-1]])
        out[Column.BUTTON] = part.button[pressed[-1]]
        out[Column.PRESS_STEP] = (end_ns - at_ns) // _STEP_NS
        out[Column.HOLD_S] = (end_ns - at_ns) / 1e9
