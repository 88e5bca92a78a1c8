"""Windowing: events to windows of feature rows, independent of how the stream is split."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from _fastfeat import FEATURES, SCHEMA, ActionRows
from agent.engine.errors import SteadyhandError
from agent.engine.events import Boundary, OnWindow, StreamItem
from agent.engine.row_stream import GAP_NS, RowStream
from agent.engine.signature import COLUMNS
from agent.engine.sketch import SketchedRows, Sketches

WINDOW: Final = 60

_DEVICE: Final = list(COLUMNS)

_T = TypeVar("_T", bound=np.generic)


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """Window of the last actions, the newest last.

    Attributes
    ----------
    rows : ndarray of float64, shape (k, F), read-only
        Feature rows of the last k actions that are judged, 1 <= k <= size; NaN where undefined.
    kinds : ndarray of uint8, shape (k,), read-only
        Values of `ActionKind`.
    start_ns, end_ns : int
        First point of the first action; last point of the new one.
    action_start_ns : int
        First point of the new action.
    action : int
        Number of the new action since the stream began, from 0.
    evidence : bool
        False for the first action after something was lost: what is measured across the loss is not the
        hand's.
    sketch : ndarray of float32, shape (WIDTH,), or None
        That of the new action (`agent.engine.sketch`), where sketches are asked for.
    device : ndarray of float64
        What the new action shows of the mouse (`agent.engine.signature.MEASURES`), NaN where undefined; empty in a
        window that no stream made.
    """

    rows: NDArray[np.float64]
    kinds: NDArray[np.uint8]
    start_ns: int
    end_ns: int
    action_start_ns: int
    action: int
    evidence: bool
    sketch: Sketches | None = None
    device: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))


class WindowStream:
    """Builds windows: events and boundaries in, one window for every finished action out.

    Boundaries come out too, in their places, and do what `Cause` says. Where something was lost
    (`OnWindow.NO_EVIDENCE`) the first action after it makes a window without evidence and stays out of later
    ones.

    Parameters
    ----------
    features : sequence of str
        Names of the columns that windows have, in their order.
    kinds : sequence of int
        The kinds of action that are judged; others make no window.
    size : int
        Most actions in a window.
    gap_ns : int
        More than this without an event ends an action, ns.
    sketched : bool
        Whether windows come with the sketch of the new action.

    Raises
    ------
    SteadyhandError
        If a feature is one that this version does not measure.
    """

    def __init__(
        self,
        features: Sequence[str],
        kinds: Sequence[int],
        size: int,
        gap_ns: int = GAP_NS,
        *,
        sketched: bool = False,
    ) -> None:
        self._columns = columns_of(features)
        self._is_judged = np.isin(np.arange(256), kinds)  # by kind
        self._stream = RowStream(gap_ns, frequency=needs_frequency(features), sketched=sketched)
        # Kind and start of each action, whose rows are `_rows`.
        self._last: deque[tuple[int, int]] = deque(maxlen=size)
        self._rows = np.empty((0, len(self._columns)))
        self._size = size
        self._count = 0
        self._damaged = False

    def feed(self, batch_or_boundary: StreamItem) -> list[Window | Boundary]:
        """Take the next item; return windows and boundaries in order.

        Raises
        ------
        ValueError
            If events go back in time without a boundary between.
        """
        out: list[Window | Boundary] = []
        for part in self._stream.feed(batch_or_boundary):
            if isinstance(part, Boundary):
                self._cut(part)
                out.append(part)
            else:
                out.extend(self._windows(part))
        return out

    def flush(self) -> list[Window]:
        """The window of the action that the end of the stream ends."""
        return self._windows(self._stream.flush())

    def _cut(self, boundary: Boundary) -> None:
        effect = boundary.cause.on_window
        if effect is OnWindow.RESTARTS:
            self._last.clear()
            self._rows = self._rows[:0]
            self._damaged = False
        elif effect is OnWindow.NO_EVIDENCE:
            self._damaged = True

    def _windows(self, rows: ActionRows) -> list[Window]:
        if not len(rows):
            return []
        judged = rows[self._is_judged[rows.kind]]
        return [self._window(judged, i) for i in range(len(judged))]

    def _window(self, rows: ActionRows, i: int) -> Window:
        features = rows.features[i : i + 1, self._columns]
        action = int(rows.kind[i]), int(rows.start_ns[i])
        whole = not self._damaged
        self._damaged = False
        if whole:
            self._last.append(action)
            # A new array each time: windows that were handed out keep theirs.
            kept_rows = self._rows[max(0, len(self._rows) - self._size + 1) :]
            self._rows = features = np.concatenate((kept_rows, features))
        held = list(self._last) if whole else [action]
        number, self._count = self._count, self._count + 1
        return Window(
            _frozen(features),
            _frozen(np.array([kind for kind, _ in held], np.uint8)),
            held[0][1],
            int(rows.end_ns[i]),
            action[1],
            number,
            whole,
            _frozen(rows.sketches[i]) if isinstance(rows, SketchedRows) else None,
            rows.features[i, _DEVICE],
        )


def columns_of(features: Sequence[str]) -> NDArray[np.intp]:
    """Numbers of the named features in `_fastfeat.FEATURES`.

    Raises
    ------
    SteadyhandError
        If this version does not measure one of them.
    """
    where = {name: i for i, name in enumerate(FEATURES)}
    unknown = [name for name in features if name not in where]
    if unknown:
        raise SteadyhandError(
            f"features that this version does not measure: {', '.join(unknown[:3])}", "update it"
        )
    return np.array([where[name] for name in features], np.intp)


def needs_frequency(features: Sequence[str]) -> bool:
    """True where one of the features is of the frequency group, which is not measured unless asked for."""
    slow = {feature.name for feature in SCHEMA if feature.group == "frequency"}
    return not slow.isdisjoint(features)


def _frozen(array: NDArray[_T]) -> NDArray[_T]:
    array.flags.writeable = False
    return array
