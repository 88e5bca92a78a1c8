"""Intake: removes synthetic input from the stream, marks movement that looks scripted, and sums up both. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from agent.config.schema import CaptureSettings
from agent.engine.events import Boundary, Cause, EventBatch, StreamItem
from agent.engine.scripted import ScriptedMovement
from agent.engine.sentence import quantity
from agent.runtime.pipeline.synthetic_filter import SyntheticFilter
from agent.runtime.pipeline.synthetic_use import SyntheticUse

EVERYBODY = "*"


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


class StreamIntake:
    """First stage of the worker.

    Parameters
    ----------
    settings : CaptureSettings
    user : str
        Whose synthetic input policy may allow, as assistive technology and remote support make it.

    Attributes
    ----------
    use : SyntheticUse
        Of input that policy does not allow.
    allowed : bool
        True where policy allows this user's synthetic input: it is not judged, and nothing is said about it.
    """

    def __init__(self, settings: CaptureSettings, user: str) -> None:
        self._trusts_synthetic = settings.trust_synthetic
        self.allowed = bool({user, EVERYBODY} & set(settings.synthetic_allowed_for))
        self._filter = SyntheticFilter()
        self._scripted = ScriptedMovement()
        self.use = SyntheticUse()

    def filter(
        self, items: Iterable[StreamItem], *, counts: bool = True
    ) -> tuple[list[StreamItem], list[SyntheticInputNotice]]:
        """The items that may be judged, and the notices to report.

        A SYNTHETIC boundary stands where the hand's part of a movement could not be separated from a program's.

        Parameters
        ----------
        items : iterable of StreamItem
        counts : bool
            False while the screen is locked, another user's is shown or the agent is paused: then `use` stands still.
        """
        if self._trusts_synthetic:
            return list(items), []
        passed: list[StreamItem] = []
        notices: list[SyntheticInputNotice] = []
        synthetic = 0
        for item in items:
            filtered = self._filter.feed(item)
            synthetic += filtered.synthetic
            self._sum_up(item, counts=counts, separated=filtered.unseparated == 0)
            for part in filtered.items:
                passed.append(part)
                for boundary, notice in self._scripted_signs(part):
                    passed.append(boundary)
                    notices.append(notice)
        if synthetic:
            message = f"A program moves the mouse: {quantity(synthetic, 'event')}"
            notices.insert(0, SyntheticInputNotice(Cause.SYNTHETIC, message))
        return passed, [] if self.allowed else notices

    def _sum_up(self, item: StreamItem, *, counts: bool, separated: bool) -> None:
        if isinstance(item, Boundary) or not counts:
            self.use.interrupt()
            return
        if not item.synthetic.any():
            self.use.add_hand(int(item.t_ns[0]), int(item.t_ns[-1]))
            return
        edges = (np.flatnonzero(np.diff(item.synthetic)) + 1).tolist()
        for start, end in zip([0, *edges], [*edges, len(item)], strict=True):
            first_ns, last_ns = int(item.t_ns[start]), int(item.t_ns[end - 1])
            if item.synthetic[start]:
                self.use.add_synthetic(first_ns, last_ns, separated=separated)
            else:
                self.use.add_hand(first_ns, last_ns)

    def _scripted_signs(self, item: StreamItem) -> Iterator[tuple[Boundary, SyntheticInputNotice]]:
        for sighting in self._scripted.feed(item):
            message = (
                "The mouse probably is not moved by a hand: "
                f"{sighting.sign.value} ({quantity(sighting.paths, 'time')})"
            )
            self.use.add_synthetic(sighting.t_ns, sighting.t_ns, separated=False)
            boundary = Boundary(sighting.t_ns, Cause.SYNTHETIC, sighting.sign.value)
            yield boundary, SyntheticInputNotice(sighting.sign, message)


def by_source(batch: EventBatch) -> Iterable[tuple[int, EventBatch]]:
    """The runs of `batch` that come from one device each, in order, with the device's number."""
    edges = np.flatnonzero(np.diff(batch.source)) + 1
    for start, end in zip([0, *edges], [*edges, len(batch)], strict=True):
        yield int(batch.source[start]), batch[start:end]
