"""The first stage of the worker: what may be judged at all. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

import numpy as np

from agent.engine.events import Boundary, Cause, EventBatch, StreamItem
from agent.engine.scripted import ScriptedMovement


@dataclass(frozen=True, slots=True)
class Notice:
    """Something for an alert: `about` what, for those who hold back the like, and in words."""

    about: Hashable
    what: str


class Intake:
    """Takes out what programs are known to have done, and doubts what moves as they do.

    Parameters
    ----------
    trusts_programs : bool
        True on a test display, which policy exempts explicitly: then everything passes, and nothing is said.
    """

    def __init__(self, *, trusts_programs: bool) -> None:
        self._trusts_programs = trusts_programs
        self._scripted = ScriptedMovement()

    def take(self, items: Iterable[StreamItem]) -> tuple[list[StreamItem], list[Notice]]:
        """What may be judged, with a SYNTHETIC boundary where a program was at work, and what to say."""
        if self._trusts_programs:
            return list(items), []
        notices: list[Notice] = []
        hands, count = without_synthetic(items)
        if count:
            notices.append(Notice(Cause.SYNTHETIC, f"A program moves the mouse: {count} events"))
        kept: list[StreamItem] = []
        for item in hands:
            kept.append(item)
            for found in self._scripted.feed(item):
                kept.append(Boundary(found.t_ns, Cause.SYNTHETIC, found.sign.value))
                what = f"The mouse probably is not moved by a hand: {found.sign.value} ({found.paths} times)"
                notices.append(Notice(found.sign, what))
        return kept, notices


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
