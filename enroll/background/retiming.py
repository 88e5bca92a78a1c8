"""Re-timing: what a recording would have been, had the mouse reported at another rate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from agent.engine.events import EventBatch, EventKind, StreamItem

_MOTION = (EventKind.MOVE, EventKind.DRAG)


def retimed(entries: Iterable[StreamItem], period_ns: int, phase_ns: int) -> Iterator[StreamItem]:
    """A stream whose moves are reported once a period: per bin the last move or drag, stamped at the bin's end.

    Clicks and scrolls keep their time, and drop a move that is pending in their bin: they carry the position
    themselves. Boundaries stay where they are.

    Parameters
    ----------
    entries : iterable of StreamItem
        In order of time.
    period_ns : int
        Length of a bin, above 0.
    phase_ns : int
        Where the first bin begins, 0 to `period_ns`.
    """
    pending: list[EventBatch] = []
    for entry in entries:
        if isinstance(entry, EventBatch):
            pending.append(entry)
            continue
        yield from _of_stretch(pending, period_ns, phase_ns)
        pending = []
        yield entry
    yield from _of_stretch(pending, period_ns, phase_ns)


def _of_stretch(batches: list[EventBatch], period_ns: int, phase_ns: int) -> Iterator[EventBatch]:
    events = EventBatch.concat(batches)
    if not len(events):
        return
    is_motion = np.isin(events.kind, _MOTION)
    bins = (events.t_ns - phase_ns) // period_ns
    ends_bin = np.append(bins[1:] != bins[:-1], True)
    t_ns: NDArray[np.int64] = np.where(is_motion, (bins + 1) * period_ns + phase_ns, events.t_ns)
    # The last of its bin, or no motion: a later move or a click in the same bin takes a move's place.
    stays = ~is_motion | ends_bin
    moved = replace(events, t_ns=t_ns)
    yield EventBatch(*(getattr(moved, name)[stays] for name in EventBatch.__slots__))
