"""The stream: events in, feature rows out, in any portions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from _fastfeat import _kernel
from _fastfeat._kernel import ROWS_OF_ONE_EVENT, Kernel, Table
from _fastfeat.checks import check_arrays, check_events, check_kernel, check_options
from _fastfeat.rows import ActionRows

FEW_ROWS = 4 * ROWS_OF_ONE_EVENT
EVENTS_A_ROW = 48  # where there are fewer, more room is made


def require_kernel() -> None:
    """Check the compiled kernel that is here. Not at import: what generates its columns must run.

    Raises
    ------
    RuntimeError
        If it is of another schema.
    """
    # A kernel of before there were fingerprints has none.
    check_kernel(getattr(_kernel, "FINGERPRINT", 0))


class ActionStream:
    """Cuts a stream of mouse events into actions and measures them.

    However the stream is split over calls of `push`, the rows are the same, bit for bit. Memory is bounded by
    the longest action. One stream belongs to one thread at a time; `push` releases the GIL, so that several
    streams run in parallel.

    Parameters
    ----------
    gap_ns : int
        More than this without an event ends an action, ns.
    max_points : int
        An action ends when it has this many points; 8 to 4096.
    frequency : bool
        Whether the frequency features are computed; they are NaN otherwise.

    Raises
    ------
    ValueError
        If an option is out of bounds.
    RuntimeError
        If the compiled kernel is of another schema.
    """

    def __init__(self, gap_ns: int = 1_000_000_000, max_points: int = 4096, frequency: bool = False) -> None:
        check_options(gap_ns, max_points)
        require_kernel()
        self._kernel = Kernel(gap_ns, max_points, frequency)

    @property
    def open_since_ns(self) -> int | None:
        """Time of the first point of the open action, or None where none is open."""
        return self._kernel.open_since_ns

    @property
    def last_event_ns(self) -> int | None:
        """Time of the last event that was kept, or None since the last boundary."""
        return self._kernel.last_event_ns

    def push(
        self,
        t_ns: NDArray[np.int64],
        x: NDArray[np.float64],
        y: NDArray[np.float64],
        kind: NDArray[np.uint8],
        button: NDArray[np.uint8],
    ) -> ActionRows:
        """Take the next events; return the actions that they complete.

        Parameters
        ----------
        t_ns : ndarray of int64, shape (n,)
            Times in ns, from 0, non-decreasing, also from call to call.
        x, y : ndarray of float64, shape (n,)
            Position in px. Not finite, or 65535 and more in absolute value: the event is dropped.
        kind : ndarray of uint8, shape (n,)
            MOVE 0, DRAG 1, PRESS 2, RELEASE 3, SCROLL 4.
        button : ndarray of uint8, shape (n,)
            1 left, 2 middle, 3 right, …; for SCROLL 4 up, 5 down, 6 left, 7 right; 0 for MOVE.

        Raises
        ------
        ValueError
            Naming the argument, and the index where one event is at fault; the stream is as before the call.
        """
        check_arrays(t_ns=t_ns, x=x, y=y, kind=kind, button=button)
        check_events(t_ns, kind, button, self.last_event_ns)
        done, full = 0, []
        rows = ActionRows.empty(len(t_ns) // EVENTS_A_ROW + FEW_ROWS)
        while True:
            table = _table(rows)
            done = self._kernel.push(t_ns, x, y, kind, button, done, table)
            full.append(_written(rows, table))
            if done == len(t_ns):
                return full[0] if len(full) == 1 else ActionRows.concat(full)
            rows = ActionRows.empty(2 * len(rows))

    def expire(self, now_ns: int) -> ActionRows:
        """Close the open action if its last event is more than the gap before `now_ns`.

        The row is the one that the next event, coming that late, would have completed.
        """
        rows = ActionRows.empty(FEW_ROWS)
        table = _table(rows)
        self._kernel.expire(now_ns, table)
        return _written(rows, table)

    def flush(self) -> ActionRows:
        """Close the open action at the end of the stream and forget all context."""
        rows = ActionRows.empty(FEW_ROWS)
        table = _table(rows)
        self._kernel.flush(table)
        return _written(rows, table)

    def discard(self) -> None:
        """Drop the open action and all context: a boundary."""
        self._kernel.discard()


def _table(rows: ActionRows) -> Table:
    return Table(rows.features, rows.kind, rows.start_ns, rows.end_ns, rows.points)


def _written(rows: ActionRows, table: Table) -> ActionRows:
    """The rows that were written; copied where most of the room was left over, so that it can go."""
    count = len(table)
    part = rows[:count]
    return part if 2 * count > len(rows) else ActionRows(*(getattr(part, n).copy() for n in rows.__slots__))


def extract(
    t_ns: NDArray[np.int64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    kind: NDArray[np.uint8],
    button: NDArray[np.uint8],
    *,
    gap_ns: int = 1_000_000_000,
    max_points: int = 4096,
    frequency: bool = False,
) -> ActionRows:
    """All actions of a whole recording: `ActionStream.push`, then `ActionStream.flush`."""
    stream = ActionStream(gap_ns, max_points, frequency)
    rows, last = stream.push(t_ns, x, y, kind, button), stream.flush()
    return ActionRows.concat((rows, last)) if len(last) else rows
