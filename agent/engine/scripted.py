"""Scripted-movement detector: recognises movement made by a program or a device. Pure.

What X or Windows flag as injected never comes here. This is for what they cannot flag: a device that pretends to
be a mouse, a program with a device of its own, a recording that is played again. Hands curve, speed up and slow
down, and never make the same long path twice; programs often do none of that. A program that imitates a hand
well is not known by this.

The limits were set on people's mouse movement alone (docs/reliability.md): how often they hold for people
decides, not how much they catch.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agent.engine.events import Boundary, EventBatch, EventKind, StreamItem

PATH_GAP_NS: Final = 300_000_000
MOST_EVENTS: Final = 256
# Straight and even are said of paths that a hand would curve: long ones, of many events, aslant.
LEAST_EVENTS: Final = 15
LEAST_CHORD_PX: Final = 120.0
LEAST_SLANT_PX: Final = 20.0
MOST_BOW_PX: Final = 0.75
LEAST_STEP_PX: Final = 3.0
MOST_STEP_SPREAD_PX: Final = 0.6
# A path counts as one that can be known again from so many events and different steps.
LEAST_REPEAT_EVENTS: Final = 20
LEAST_REPEAT_STEPS: Final = 8
REMEMBERED_PATHS: Final = 20_000
# A jiggler: tiny moves, nothing else, as regular as a timer.
JIGGLES: Final = 8
MOST_JIGGLE_EVENTS: Final = 3
MOST_JIGGLE_PX: Final = 12.0
MOST_PERIOD_SPREAD: Final = 0.02
LEAST_PERIOD_NS: Final = 400_000_000
# So many of the last paths that could show a sign must show it.
WATCHED_PATHS: Final = 12
LEAST_SIGNS: Final = 4
LEAST_REPEATS: Final = 2


class ScriptedSign(Enum):
    """Sign of scripted movement."""

    STRAIGHT = "paths are straighter than a hand makes them"
    EVEN = "paths are of even speed, without speeding up or slowing down"
    REPEATED = "long paths are exactly repeated"
    PERIODIC = "tiny moves come as regularly as a timer"


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Suspicion of scripted movement.

    Attributes
    ----------
    t_ns : int
        Time of the last event that it rests on.
    sign : ScriptedSign
    paths : int
        Paths that showed the sign.
    """

    t_ns: int
    sign: ScriptedSign
    paths: int


Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class ScriptedMovement:
    """Stream detector of scripted movement; any split of the stream gives the same suspicions.

    A suspicion starts the count of its sign anew, so that a program that goes on is told again and again, and
    whoever raises alerts decides how often.
    """

    def __init__(self) -> None:
        self._t: list[Ints] = []
        self._xy: list[Floats] = []
        self._waiting = 0
        self._signs: dict[ScriptedSign, deque[bool]] = {
            sign: deque(maxlen=WATCHED_PATHS)
            for sign in (ScriptedSign.STRAIGHT, ScriptedSign.EVEN, ScriptedSign.REPEATED)
        }
        self._paths: OrderedDict[int, None] = OrderedDict()
        self._jiggles: deque[int] = deque(maxlen=JIGGLES)

    def feed(self, batch_or_boundary: StreamItem) -> list[Suspicion]:
        """Suspicions that follow from a batch or a boundary, in order."""
        suspicions: list[Suspicion] = []
        if isinstance(batch_or_boundary, Boundary):
            suspicions.extend(self._close())
            return suspicions
        moves = (batch_or_boundary.kind == EventKind.MOVE) | (batch_or_boundary.kind == EventKind.DRAG)
        cuts = np.flatnonzero(~moves)
        start = 0
        for cut in (*cuts.tolist(), len(batch_or_boundary)):
            if cut > start:
                suspicions.extend(self._moves(batch_or_boundary[start:cut]))
            if cut < len(batch_or_boundary):
                suspicions.extend(self._close())
                self._jiggles.clear()
            start = cut + 1
        return suspicions

    def _moves(self, batch: EventBatch) -> Iterator[Suspicion]:
        """A run of moves, cut where the hand rested or the path has become long."""
        last = self._t[-1][-1] if self._t else batch.t_ns[0]
        rests = np.flatnonzero(np.diff(batch.t_ns, prepend=last) > PATH_GAP_NS)
        start = 0
        for end in (*rests.tolist(), len(batch)):
            if end > start:
                yield from self._extend(batch[start:end])
            if end < len(batch):
                yield from self._close()
            start = end

    def _extend(self, batch: EventBatch) -> Iterator[Suspicion]:
        start = 0
        while start < len(batch):
            end = min(len(batch), start + MOST_EVENTS - self._waiting)
            self._t.append(batch.t_ns[start:end])
            self._xy.append(np.stack([batch.x[start:end], batch.y[start:end]], axis=1))
            self._waiting += end - start
            start = end
            if self._waiting == MOST_EVENTS:
                yield from self._close()

    def _close(self) -> Iterator[Suspicion]:
        """Judge the path that has ended."""
        if not self._waiting:
            return
        t_ns, xy = np.concatenate(self._t), np.concatenate(self._xy)
        self._t, self._xy, self._waiting = [], [], 0
        steps = np.diff(xy, axis=0)
        moved = steps[np.any(steps != 0, axis=1)]
        end_ns = int(t_ns[-1])
        for sign, shown in self._shown(xy, moved):
            yield from self._count(sign, shown, end_ns)
        yield from self._jiggle(int(t_ns[0]), end_ns, xy)

    def _shown(self, xy: Floats, moved: Floats) -> Iterator[tuple[ScriptedSign, bool]]:
        """The signs that this path could show, and whether it does."""
        if len(moved) >= LEAST_EVENTS and _is_long_and_aslant(xy):
            yield ScriptedSign.STRAIGHT, bow_px(xy) <= MOST_BOW_PX
        if len(moved) >= LEAST_EVENTS and np.hypot(*moved.T).mean() >= LEAST_STEP_PX:
            yield ScriptedSign.EVEN, step_spread_px(moved) <= MOST_STEP_SPREAD_PX
        if len(moved) >= LEAST_REPEAT_EVENTS and _has_different_steps(moved):
            yield ScriptedSign.REPEATED, self._seen_before(moved)

    def _count(self, sign: ScriptedSign, shown: bool, t_ns: int) -> Iterator[Suspicion]:
        seen = self._signs[sign]
        seen.append(shown)
        if sum(seen) >= (LEAST_REPEATS if sign is ScriptedSign.REPEATED else LEAST_SIGNS):
            yield Suspicion(t_ns, sign, sum(seen))
            seen.clear()

    def _seen_before(self, moved: Floats) -> bool:
        """Whether this very path, wherever it began, was made before."""
        key = hash(moved.tobytes())
        known = key in self._paths
        self._paths[key] = None
        self._paths.move_to_end(key)
        if len(self._paths) > REMEMBERED_PATHS:
            self._paths.popitem(last=False)
        return known

    def _jiggle(self, start_ns: int, end_ns: int, xy: Floats) -> Iterator[Suspicion]:
        tiny = len(xy) <= MOST_JIGGLE_EVENTS and np.ptp(xy, axis=0).max() <= MOST_JIGGLE_PX
        if not tiny:
            self._jiggles.clear()
            return
        self._jiggles.append(start_ns)
        if len(self._jiggles) < JIGGLES:
            return
        periods = np.diff(np.array(self._jiggles, np.int64))
        if periods.min() >= LEAST_PERIOD_NS and periods.std() <= MOST_PERIOD_SPREAD * periods.mean():
            yield Suspicion(end_ns, ScriptedSign.PERIODIC, JIGGLES)
            self._jiggles.clear()


def bow_px(xy: Floats) -> float:
    """The largest distance of a path, shape (n, 2), from the straight line between its ends."""
    chord = xy[-1] - xy[0]
    away = xy - xy[0]
    length = float(np.hypot(*chord))
    if length == 0.0:
        return float(np.hypot(*away.T).max())
    return float(np.abs(away[:, 0] * chord[1] - away[:, 1] * chord[0]).max() / length)


def step_spread_px(moved: Floats) -> float:
    """Standard deviation of the lengths of steps, shape (n, 2), but for the first and last, which are often cut."""
    return float(np.hypot(*moved[1:-1].T).std())


def _is_long_and_aslant(xy: Floats) -> bool:
    chord = np.abs(xy[-1] - xy[0])
    return bool(np.hypot(*chord) >= LEAST_CHORD_PX and chord.min() >= LEAST_SLANT_PX)


def _has_different_steps(moved: Floats) -> bool:
    """True where enough of the steps, shape (n, 2), differ."""
    different: set[tuple[float, float]] = set()
    for x, y in moved.tolist():
        different.add((x, y))
        if len(different) == LEAST_REPEAT_STEPS:
            return True
    return False
