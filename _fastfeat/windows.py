"""Features of the last N actions, one row for every new action."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from _fastfeat.rows import ActionRows
from _fastfeat.schema import FEATURES, ActionKind
from _fastfeat.schema_windows import DURATION_EDGES_S, PATH_EDGES_PX, SECTORS, SERIES, WINDOW_FEATURES
from _fastfeat.tallies import Bins, Series, counts

MOST_ACTIONS = 65_536

_CYCLE_CAP_NS = 60_000_000_000
_EXTRA = ("clicks", "double_clicks", "button", "pace_px_s", "direction_sin", "direction_cos")
_COLUMNS = [FEATURES.index(name) for name in (*SERIES, *_EXTRA)]
_PATH, _DURATION, _SINCE = (SERIES.index(name) for name in ("path_px", "duration_s", "since_action_s"))
_CLICKING = (ActionKind.PC, ActionKind.DD)


@dataclass(frozen=True, slots=True, eq=False)
class WindowRows:
    """Windows in order of time, one for each action.

    Attributes
    ----------
    features : ndarray of float64, shape (m, W)
        One row a window, columns as in `WINDOW_FEATURES`; NaN where a feature is undefined.
    start_ns, end_ns : ndarray of int64, shape (m,)
        Start of the first action and end of the last.
    """

    features: NDArray[np.float64]
    start_ns: NDArray[np.int64]
    end_ns: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.features)


class _Action(NamedTuple):
    """What a window remembers of one action, so that it can be taken out again."""

    start_ns: int
    end_ns: int
    kind: int
    changed: bool
    cycle_s: float
    series: list[float]
    extra: list[float]

    @property
    def bins(self) -> tuple[int | None, int | None, int | None, int | None]:
        """Its kind, sector, way and duration, as numbers of bins."""
        *_, sine, cosine = self.extra
        path, duration = self.series[_PATH], self.series[_DURATION]
        return (
            self.kind - 1,
            sector(sine, cosine) if counts(sine) and counts(cosine) else None,
            bisect_right(PATH_EDGES_PX, path) if counts(path) else None,
            bisect_right(DURATION_EDGES_S, duration) if counts(duration) else None,
        )


def sector(sine: float, cosine: float) -> int:
    """The sector of 45 degrees, 0 to 7, from +x towards +y; its lower edge belongs to it."""
    quarter = 0
    while not (cosine > 0 and sine >= 0) and quarter < 3:
        quarter, sine, cosine = quarter + 1, -cosine, sine
    return 2 * quarter + (sine >= cosine)


@dataclass(slots=True)
class _Window:
    """The tallies of the actions in the window."""

    held: deque[_Action] = field(default_factory=deque)
    series: list[Series] = field(default_factory=lambda: [Series() for _ in SERIES])
    cycle: Series = field(default_factory=Series)
    clicks: Series = field(default_factory=Series)
    doubles: Series = field(default_factory=Series)
    bins: tuple[Bins, ...] = field(
        default_factory=lambda: (Bins(len(ActionKind)), Bins(SECTORS), Bins(5), Bins(5))
    )
    changes: int = 0
    pressed: int = 0
    others: int = 0

    def enter(self, action: _Action) -> None:
        """The new action comes in."""
        self.held.append(action)
        for series, number in zip(self.series, action.series, strict=True):
            series.add(number)
        self.cycle.add(action.cycle_s)
        self.clicks.add(action.extra[0])
        self.doubles.add(action.extra[1])
        self._count(action, 1)

    def leave(self) -> None:
        """The oldest action goes out."""
        action = self.held.popleft()
        for series, number in zip(self.series, action.series, strict=True):
            series.drop(number)
        self.cycle.drop(action.cycle_s)
        self.clicks.drop(action.extra[0])
        self.doubles.drop(action.extra[1])
        self._count(action, -1)

    def _count(self, action: _Action, sign: int) -> None:
        for bins, key in zip(self.bins, action.bins, strict=True):
            bins.add(key, action.extra[3], sign)
        self.changes += sign * action.changed
        if action.kind in _CLICKING:
            self.pressed += sign
            self.others += sign * (action.extra[2] > 1)

    def row(self) -> list[float]:
        """The features of the window as it is, in the order of the schema."""
        first, last, k = self.held[0], self.held[-1], len(self.held)
        span_s, starts_s = (last.end_ns - first.start_ns) * 1e-9, (last.start_ns - first.start_ns) * 1e-9
        series = [each.described() for each in self.series]
        mean, sd, *_ = series[_SINCE]
        kinds, sectors, paths, times = self.bins
        paces = kinds.paces()
        del paces[ActionKind.SCROLL - 1]
        return [
            float(k),
            span_s,
            _over(k - 1, starts_s),
            self.series[_DURATION].over(span_s),
            self.clicks.over(span_s),
            self.doubles.over(self.clicks.over(1.0)),
            _over(self.others, self.pressed),
            # Whether the first action differs from the one before it is not the window's.
            _over(self.changes - first.changed, k - 1),
            (sd - mean) / (sd + mean) if sd + mean > 0 else math.nan,
            kinds.entropy(),
            sectors.entropy(),
            *(*kinds.shares(), *paces),
            *(figure for bins in (sectors, paths, times) for figure in (*bins.shares(), *bins.paces())),
            *self.cycle.described(),
            *(figure for each in series for figure in each),
        ]


class WindowFeatures:
    """Describes the last `size` actions whenever one is completed.

    However the rows are split over calls of `push`, the result is the same, bit for bit. A new action costs
    the same whatever the size is, but for the ordered values of the quantiles: log N steps to find a place,
    and a move of what stands behind it. Memory is that of the window's actions.

    Parameters
    ----------
    size : int
        Number of actions in a full window, 1 to 65,536. Earlier windows are shorter, not missing.

    Raises
    ------
    ValueError
        If `size` is out of bounds.
    """

    def __init__(self, size: int) -> None:
        if not 1 <= size <= MOST_ACTIONS:
            raise ValueError(f"size: {size} is not between 1 and {MOST_ACTIONS}")
        self._size = size
        self._window = _Window()

    def push(self, rows: ActionRows) -> WindowRows:
        """Take the next actions; return as many windows, each ending with its action.

        Parameters
        ----------
        rows : ActionRows

        Raises
        ------
        ValueError
            Naming the index of an action whose kind is none; the windows are as before the call.
        """
        bad = np.flatnonzero((rows.kind < ActionKind.MM) | (rows.kind > ActionKind.DD))
        if len(bad):
            raise ValueError(f"kind[{bad[0]}]: {rows.kind[bad[0]]} is no kind of action (1 to 4)")
        windows = WindowRows(
            np.empty((len(rows), len(WINDOW_FEATURES))), np.empty(len(rows), np.int64), rows.end_ns.copy()
        )
        # Adding 0 makes -0 the same as 0, as it is when values are put in order.
        columns = (rows.features[:, _COLUMNS] + 0.0).tolist()
        actions = zip(rows.start_ns.tolist(), rows.end_ns.tolist(), rows.kind.tolist(), columns, strict=True)
        for i, (start_ns, end_ns, kind, row) in enumerate(actions):
            self._take(start_ns, end_ns, kind, row)
            windows.features[i] = self._window.row()
            windows.start_ns[i] = self._window.held[0].start_ns
        return windows

    def restart(self) -> None:
        """Forget all actions: the next window begins with the next action."""
        self._window = _Window()

    def _take(self, start_ns: int, end_ns: int, kind: int, row: list[float]) -> None:
        held = self._window.held
        before = held[-1] if held else None
        cycle_s = math.nan if before is None else min(_CYCLE_CAP_NS, start_ns - before.start_ns) * 1e-9
        changed = before is not None and before.kind != kind
        if len(held) == self._size:
            self._window.leave()
        many = len(SERIES)
        self._window.enter(_Action(start_ns, end_ns, kind, changed, cycle_s, row[:many], row[many:]))


def extract_windows(rows: ActionRows, size: int) -> WindowRows:
    """All windows of a whole recording: one `WindowFeatures.push`."""
    return WindowFeatures(size).push(rows)


def _over(part: float, whole: float) -> float:
    return part / whole if whole > 0 else math.nan
