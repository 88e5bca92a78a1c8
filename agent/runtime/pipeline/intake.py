"""Intake: removes synthetic input from the stream, and marks movement that looks scripted. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

import numpy as np

from agent.engine.events import Boundary, Cause, EventBatch, StreamItem
from agent.engine.scripted import ScriptedMovement


@dataclass(frozen=True, slots=True)
class SyntheticInputNotice:
    """Reason for an alert about synthetic input.

    Attributes
    ----------
    subject : hashable
        What makes two notices alike, for the rate limit.
    message : str
    """

    subject: Hashable
    message: str


class Intake:
    """First stage of the worker.

    Parameters
    ----------
    trusts_synthetic : bool
        True on a test display, which policy exempts explicitly: then everything passes, without a notice.
    """

    def __init__(self, *, trusts_synthetic: bool) -> None:
        self._trusts_synthetic = trusts_synthetic
        self._scripted = ScriptedMovement()

    def filter(self, items: Iterable[StreamItem]) -> tuple[list[StreamItem], list[SyntheticInputNotice]]:
        """The items that may be judged, with a SYNTHETIC boundary in each gap, and the notices to report."""
        if self._trusts_synthetic:
            return list(items), []
        notices: list[SyntheticInputNotice] = []
        genuine, count = without_synthetic(items)
        if count:
            message = f"A program moves the mouse: {count} events"
            notices.append(SyntheticInputNotice(Cause.SYNTHETIC, message))
        passed: list[StreamItem] = []
        for item in genuine:
            passed.append(item)
            for sighting in self._scripted.feed(item):
                passed.append(Boundary(sighting.t_ns, Cause.SYNTHETIC, sighting.sign.value))
                message = f"The mouse probably is not moved by a hand: {sighting.sign.value} ({sighting.paths} times)"
                notices.append(SyntheticInputNotice(sighting.sign, message))
        return passed, notices


def without_synthetic(items: Iterable[StreamItem]) -> tuple[list[StreamItem], int]:
    """Remove synthetic events; a SYNTHETIC boundary stands in each gap.

    Movements on both sides of a synthetic event are not one movement: hence the boundary.

    Returns
    -------
    items : list of StreamItem
    count : int
        Synthetic events that were removed.
    """
    passed: list[StreamItem] = []
    count = 0
    for item in items:
        if isinstance(item, Boundary) or not item.synthetic.any():
            passed.append(item)
            continue
        count += int(item.synthetic.sum())
        passed.extend(_split_at_synthetic(item))
    return passed, count


def _split_at_synthetic(batch: EventBatch) -> Iterable[StreamItem]:
    """The runs of `batch` without synthetic events, and a boundary for each run of synthetic ones."""
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
