"""Row stream: events to feature rows of finished actions, independent of how the stream is split."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from _fastfeat import ActionRows, ActionStream
from agent.engine.events import Boundary, EventBatch, OnAction, StreamItem
from agent.engine.sketch import Sketcher

GAP_NS: Final = 1_000_000_000


class RowStream:
    """Segments a stream: events in, finished actions out, boundaries in their places.

    Parameters
    ----------
    gap_ns : int
        More than this without an event ends an action, ns.
    frequency : bool
        Whether the frequency features are computed.
    sketched : bool
        Whether actions are sketched, too: rows are then `SketchedRows`.
    """

    def __init__(self, gap_ns: int = GAP_NS, *, frequency: bool = False, sketched: bool = False) -> None:
        self._actions = ActionStream(gap_ns, frequency=frequency)
        self._sketcher = Sketcher() if sketched else None

    def feed(self, batch_or_boundary: StreamItem) -> list[ActionRows | Boundary]:
        """Take the next item; return what it completes, in order.

        Raises
        ------
        ValueError
            If events go back in time without a boundary between.
        """
        if isinstance(batch_or_boundary, EventBatch):
            rows = self._actions.push(
                batch_or_boundary.t_ns,
                batch_or_boundary.x,
                batch_or_boundary.y,
                batch_or_boundary.kind,
                batch_or_boundary.button,
            )
            if self._sketcher:
                self._sketcher.take(batch_or_boundary)
            return _some(self._with_sketches(rows))
        if batch_or_boundary.cause.on_action is OnAction.ENDS:
            return [
                *_some(self._with_sketches(self._actions.expire(batch_or_boundary.t_ns))),
                batch_or_boundary,
            ]
        self._actions.discard()
        if self._sketcher:
            self._sketcher.discard()
        return [batch_or_boundary]

    def flush(self) -> ActionRows:
        """The action that the end of the stream ends."""
        return self._with_sketches(self._actions.flush())

    def _with_sketches(self, rows: ActionRows) -> ActionRows:
        return self._sketcher.sketched(rows, self._actions.open_since_ns) if self._sketcher else rows


def rows_of(
    items: Iterable[StreamItem], gap_ns: int = GAP_NS, *, frequency: bool = False, sketched: bool = False
) -> ActionRows:
    """All actions of a recording."""
    stream = RowStream(gap_ns, frequency=frequency, sketched=sketched)
    parts = [
        part
        for part_of_stream in items
        for part in stream.feed(part_of_stream)
        if isinstance(part, ActionRows)
    ]
    return ActionRows.concat([*parts, stream.flush()])


def _some(rows: ActionRows) -> list[ActionRows | Boundary]:
    return [rows] if len(rows) else []
