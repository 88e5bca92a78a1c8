"""The first stage of the worker: what may be judged at all. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from agent.engine.events import Boundary, Cause, EventBatch, StreamItem


def without_synthetic(items: Iterable[StreamItem]) -> tuple[list[StreamItem], int]:
    """Cut synthetic events out of the stream; where they were stands a SYNTHETIC boundary.

    Movements on both sides of what a program did are not one movement: hence the boundary.

    Returns
    -------
    items : list of StreamItem
    count : int
        Synthetic events that were cut out.
    """
    kept: list[StreamItem] = []
    count = 0
    for item in items:
        if isinstance(item, Boundary) or not item.synthetic.any():
            kept.append(item)
            continue
        count += int(item.synthetic.sum())
        kept.extend(_cut(item))
    return kept, count


def _cut(batch: EventBatch) -> Iterable[StreamItem]:
    """The hand's runs of `batch`, with a boundary for each run of a program's."""
    edges = np.flatnonzero(np.diff(batch.synthetic)) + 1
    for start, end in zip([0, *edges], [*edges, len(batch)], strict=True):
        if batch.synthetic[start]:
            yield Boundary(int(batch.t_ns[start]), Cause.SYNTHETIC, f"{end - start} events")
        else:
            yield batch[start:end]


def by_source(batch: EventBatch) -> Iterable[tuple[int, EventBatch]]:
    """The runs of `batch` that come from one device each, in order, with the device's number."""
    edges = np.flatnonzero(np.diff(batch.source)) + 1
    for start, end in zip([0, *edges], [*edges, len(batch)], strict=True):
        yield int(batch.source[start]), batch[start:end]
