"""Synthetic filter: takes synthetic events, and their effect on the hand's positions, out of the stream. Pure.

Where the synthetic events come from a device of their own (X11's XTEST pointer), the hand's movement is restored: each
synthetic displacement is subtracted from the positions that follow. Where they do not, a SYNTHETIC boundary stands in
their place, because the hand's part of the movement cannot be told from the program's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from agent.engine.events import UNKNOWN_SOURCE, Boundary, Cause, EventBatch, EventKind, StreamItem
from agent.engine.sentence import quantity


@dataclass(frozen=True, slots=True)
class FilteredItem:
    """One item of the stream after the filter.

    Attributes
    ----------
    items : tuple of StreamItem
        What may be judged, with a boundary for each run that could not be separated.
    synthetic : int
        Synthetic events that were taken out.
    unseparated : int
        Those among them that came from the hand's own device, or from an unknown one.
    """

    items: tuple[StreamItem, ...]
    synthetic: int = 0
    unseparated: int = 0


class SyntheticFilter:
    """Filters one stream."""

    def __init__(self) -> None:
        self._hand_sources: set[int] = set()
        self._position: tuple[float, float] | None = None
        self._offset = (0.0, 0.0)
        self._hand_buttons: set[int] = set()
        self._synthetic_buttons: set[int] = set()

    def feed(self, item: StreamItem) -> FilteredItem:
        """Filter one batch or boundary."""
        if isinstance(item, Boundary):
            # A movement ends here, so that nothing is to be restored across it.
            self._position, self._offset = None, (0.0, 0.0)
            return FilteredItem((item,))
        is_mixed = bool(item.synthetic.any())
        self._note_sources(item, is_mixed=is_mixed)
        if not is_mixed and self._offset == (0.0, 0.0) and not self._synthetic_buttons:
            self._position = (float(item.x[-1]), float(item.y[-1]))
            self._note_buttons(item)
            return FilteredItem((item,))
        return self._separate(item)

    def _separate(self, batch: EventBatch) -> FilteredItem:
        restored = self._without_displacement(batch)
        items: list[StreamItem] = []
        unseparated = 0
        for start, end in _runs(batch):
            run = restored[start:end]
            if not batch.synthetic[start]:
                items.append(self._without_synthetic_drag(run))
            elif self._is_separate(batch.source[start:end]):
                self._note_buttons(run)
            else:
                self._note_buttons(run)
                unseparated += end - start
                items.append(Boundary(int(run.t_ns[0]), Cause.SYNTHETIC, quantity(end - start, "event")))
        return FilteredItem(_joined(items), int(batch.synthetic.sum()), unseparated)

    def _note_sources(self, batch: EventBatch, *, is_mixed: bool) -> None:
        """Note the devices that a hand has used; nearly every batch comes from one that is known."""
        first = int(batch.source[0])
        if not is_mixed and first in self._hand_sources and not (batch.source != first).any():
            return
        self._hand_sources.update(np.unique(batch.source[~batch.synthetic]).tolist())

    def _is_separate(self, sources: NDArray[np.int16]) -> bool:
        return all(
            source != UNKNOWN_SOURCE and source not in self._hand_sources
            for source in np.unique(sources).tolist()
        )

    def _without_displacement(self, batch: EventBatch) -> EventBatch:
        """The batch with the displacement of every synthetic event, so far, subtracted."""
        before = self._position or (float(batch.x[0]), float(batch.y[0]))
        columns, offsets = [], []
        for axis, position in enumerate((batch.x, batch.y)):
            steps = np.diff(position, prepend=before[axis])
            offset = self._offset[axis] + np.cumsum(np.where(batch.synthetic, steps, 0.0))
            columns.append(position - offset)
            offsets.append(float(offset[-1]))
        self._position = (float(batch.x[-1]), float(batch.y[-1]))
        self._offset = (offsets[0], offsets[1])
        return replace(batch, x=columns[0], y=columns[1])

    def _without_synthetic_drag(self, run: EventBatch) -> EventBatch:
        """The hand's run; where only a program holds a button down, it moves and does not drag."""
        presses = _presses(run)
        if not self._synthetic_buttons:
            self._note_buttons(run)
            return run
        kind = run.kind.copy()
        for at in range(len(run)):
            if presses[at]:
                self._note_buttons(run[at : at + 1])
            elif kind[at] == EventKind.DRAG and not self._hand_buttons:
                kind[at] = EventKind.MOVE
        return replace(run, kind=kind)

    def _note_buttons(self, run: EventBatch) -> None:
        for at in np.flatnonzero(_presses(run)).tolist():
            down = self._synthetic_buttons if run.synthetic[at] else self._hand_buttons
            button = int(run.button[at])
            if run.kind[at] == EventKind.PRESS:
                down.add(button)
            else:
                down.discard(button)


def _presses(run: EventBatch) -> NDArray[np.bool_]:
    """Which events press or release a button."""
    pressed: NDArray[np.bool_] = (run.kind == EventKind.PRESS) | (run.kind == EventKind.RELEASE)
    return pressed


def _runs(batch: EventBatch) -> list[tuple[int, int]]:
    """Start and end of each run of events that are all synthetic, or all the hand's."""
    edges = (np.flatnonzero(np.diff(batch.synthetic)) + 1).tolist()
    return list(zip([0, *edges], [*edges, len(batch)], strict=True))


def _joined(items: list[StreamItem]) -> tuple[StreamItem, ...]:
    """The same stream with neighbouring batches joined: where nothing stands between them, they are one."""
    joined: list[StreamItem] = []
    for item in items:
        if joined and isinstance(item, EventBatch) and isinstance(joined[-1], EventBatch):
            joined[-1] = EventBatch.concat([joined[-1], item])
        else:
            joined.append(item)
    return tuple(joined)
