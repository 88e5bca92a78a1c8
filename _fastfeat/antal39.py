"""Segmentation and the 39 features of Antal & Egyed-Zsigmond (arXiv 1810.04668), for parity.

The values are those of the authors' published files, with their habits: the series of steps start with 0,
the standard deviation leaves out the first value of its series, the minimum passes over zeros, a PC ends with
its press, and the largest deviation exchanges the axes of the line. For new work there is
`_fastfeat.extract`; this module is for comparison with the literature.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from _fastfeat.antal39_measures import COLUMNS, SCREEN_PX, measure
from _fastfeat.checks import check_lengths

Floats = NDArray[np.float64]

MM, PC, DD = 1, 3, 4
MOVE, DRAG, PRESS, RELEASE, SCROLL = range(5)
LEFT = 1
GAP_S = 10.0
LEAST_POINTS = 4


@dataclass(frozen=True, slots=True)
class Antal39Rows:
    """Actions in the order in which they ended.

    Attributes
    ----------
    columns : tuple of str
        The authors' names of the columns.
    features : ndarray of float64, shape (m, 39)
        One row an action.
    start_s, end_s : ndarray of float64, shape (m,)
        Times of its first and last point.
    """

    columns: tuple[str, ...]
    features: Floats
    start_s: Floats
    end_s: Floats

    def __len__(self) -> int:
        return len(self.features)


@dataclass(slots=True)
class _Run:
    """Points of an action under way."""

    t: list[float] = field(default_factory=list)
    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)

    def add(self, event: _Event) -> None:
        self.t.append(event.t)
        self.x.append(event.x)
        self.y.append(event.y)

    def arrays(self) -> tuple[Floats, Floats, Floats]:
        return np.array(self.t), np.array(self.x), np.array(self.y)


@dataclass(frozen=True, slots=True)
class _Event:
    t: float
    x: float
    y: float
    kind: int
    button: int


Emit = Callable[[int, _Run], None]


def extract_antal39(
    t_s: Floats,
    x: Floats,
    y: Floats,
    kind: NDArray[np.uint8],
    button: NDArray[np.uint8],
    *,
    repeats: NDArray[np.bool_] | None = None,
) -> Antal39Rows:
    """The actions and features of one session, as the authors' programs compute them.

    Parameters
    ----------
    t_s : ndarray of float64, shape (n,)
        Client time stamps in s, exactly as in the file.
    x, y : ndarray of float64, shape (n,)
        Position in px, as in the file (scroll rows hold 0).
    kind, button : ndarray of uint8, shape (n,)
        As for `_fastfeat.extract`.
    repeats : ndarray of bool, shape (n,), optional
        True where a row repeats the row before it in every column of its file; by default, where it does in
        the five arrays.

    Raises
    ------
    ValueError
        If the arrays differ in length, naming the argument.
    """
    check_lengths(t_s=t_s, x=x, y=y, kind=kind, button=button)
    if repeats is None:
        repeats = _repeats(t_s, x, y, kind, button)
    check_lengths(t_s=t_s, repeats=repeats)
    measured: list[tuple[float, float, list[float]]] = []

    def emit(action: int, run: _Run) -> None:
        if len(run.t) >= LEAST_POINTS and 0 not in run.x:
            measured.append((run.t[0], run.t[-1], measure(action, *run.arrays())))

    columns = (a[~repeats].tolist() for a in (t_s, x, y, kind, button))
    _segment([_Event(*columns_of_event) for columns_of_event in zip(*columns, strict=True)], emit)
    features = np.array([row for _, _, row in measured]).reshape(-1, len(COLUMNS))
    starts, ends = (np.array([row[i] for row in measured], dtype=np.float64) for i in (0, 1))
    return Antal39Rows(COLUMNS, features, starts, ends)


def _repeats(*arrays: Floats | NDArray[np.uint8]) -> NDArray[np.bool_]:
    same = np.zeros(len(arrays[0]), np.bool_)
    if len(same):
        same[1:] = np.logical_and.reduce([a[1:] == a[:-1] for a in arrays])
    return same


def _segment(events: list[_Event], emit: Emit) -> None:
    """Collect until Left Released; what stood before the release says what the collection is."""
    collected: list[_Event] = []
    before: _Event | None = None
    for event in events:
        placed = event
        if event.kind == SCROLL and before is not None:
            placed = _Event(event.t, before.x, before.y, event.kind, event.button)
        if event.kind == RELEASE and event.button == LEFT:
            collected.append(placed)
            if len(collected) <= 2:  # and `before` stays what it was
                collected = []
                continue
            if before is not None and before.kind == DRAG:
                _drags(collected, emit)
            elif before is not None and before.kind == PRESS:
                _clicks(collected, emit)
            collected = []
        elif placed.x < SCREEN_PX or placed.y < SCREEN_PX:
            collected.append(placed)
        before = event
    _clicks(collected, emit)


def _clicks(collected: list[_Event], emit: Emit) -> None:
    """Moves that end with gaps, then a click: the first press of any button ends it."""
    run, last_s = _Run(), 0.0
    for event in collected:
        if event.kind == PRESS:
            if len(run.t) > LEAST_POINTS:
                run.add(event)
                emit(PC, run)
            return
        if event.t - last_s > GAP_S:  # the point after the gap is lost
            if len(run.t) > LEAST_POINTS:
                emit(MM, run)
            run = _Run()
        else:
            run.add(event)
        last_s = event.t


def _drags(collected: list[_Event], emit: Emit) -> None:
    """Moves that end with gaps, the last one with the press; then the drag."""
    run, last_s = _Run(), 0.0
    for event in collected:
        pressed = event.kind == PRESS and event.button == LEFT
        late = event.kind == MOVE and event.t - last_s > GAP_S
        if pressed or late:
            if len(run.t) > LEAST_POINTS:
                emit(MM, run)
            run = _Run()
        if pressed or event.kind in (MOVE, DRAG):
            run.add(event)
        if event.kind == RELEASE and event.button == LEFT:
            run.add(event)
            emit(DD, run)
        last_s = event.t
