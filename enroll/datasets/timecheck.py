"""Check of a table's clock: compares its times with what mice do, and names the unit that would fit.

In the 2,183 tables of Balabit, SapiMouse, Boğaziçi, DFL and H-BRS the median interval between moves is 4 to 140 ms, the
median speed 64 to 2,800 px/s, and no time goes back. The bounds leave room for mice of 8,000 Hz and slow links.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agent.engine.errors import SteadyhandError
from agent.engine.events import EventKind
from enroll.datasets.formats import TimeUnit

Floats = NDArray[np.float64]

INTERVAL_S: Final = (1e-4, 0.4)
SPEED_PX_S: Final = (1.0, 40_000.0)
MOST_GAP_S: Final = 366 * 86_400.0
MOST_NS: Final = float(1 << 62)
MOST_BACK_SHARE: Final = 0.02

_LEAST_INTERVALS: Final = 8
_LEAST_BACK: Final = 3
_LEAST_EQUAL: Final = 3
_REVERSED_SHARE: Final = 0.6
_YEAR_S: Final = 365.25 * 86_400.0


def fitting_units(intervals: Floats, steps_px: Floats) -> list[TimeUnit]:
    """The units under which these moves are those of a hand.

    Parameters
    ----------
    intervals : ndarray of float64, shape (n,)
        Times between successive moves, above 0, in the table's own unit.
    steps_px : ndarray of float64, shape (n,)
        How far the pointer went in each.

    Returns
    -------
    list of TimeUnit
        Every one where there are too few moves to tell.
    """
    if len(intervals) < _LEAST_INTERVALS:
        return list(TimeUnit)
    interval = float(np.median(intervals))
    moved = steps_px > 0
    speed = float(np.median(steps_px[moved] / intervals[moved])) if moved.any() else None
    fitting = []
    for unit in TimeUnit:
        in_s = unit.value / 1e9
        is_speed = speed is None or SPEED_PX_S[0] <= speed / in_s <= SPEED_PX_S[1]
        if INTERVAL_S[0] <= interval * in_s <= INTERVAL_S[1] and is_speed:
            fitting.append(unit)
    return fitting


class TimeSurvey:
    """Survey of one table's times, batch by batch; `finish` refuses a clock that no mouse has.

    Parameters
    ----------
    path : Path
        The table, for errors.
    unit : TimeUnit
        Unit of the table's times.
    """

    def __init__(self, path: Path, unit: TimeUnit) -> None:
        self._path, self._unit = path, unit
        self._last: tuple[float, float, float, int] | None = None
        self._intervals: list[Floats] = []
        self._steps_px: list[Floats] = []
        self._events = self._back = 0
        self._first_back = self._first_odd = self._gap = ""
        self._first_t = 0.0
        self._all_equal = True

    def add(self, t: Floats, x: Floats, y: Floats, kind: NDArray[np.uint8], lines: NDArray[np.intp]) -> None:
        """Times in the table's unit, positions, kinds and line numbers of one batch.

        Raises
        ------
        SteadyhandError
            If a time is too large for its unit.
        """
        if not len(t):
            return
        self._check_size(t, lines)
        if self._last is None:
            self._first_t = float(t[0])
            self._last = (self._first_t, float(x[0]), float(y[0]), int(lines[0]))
        before_t, before_x, before_y, before_line = self._last
        steps = np.diff(t, prepend=before_t)
        self._note_gap(steps, t, lines, before_line)
        backwards = np.flatnonzero(steps < 0)
        if len(backwards) and not self._first_back:
            at = int(backwards[0])
            self._first_back = f"line {lines[at]}: {t[at]:.10g} after {t[at] - steps[at]:.10g}"
        self._back += len(backwards)
        self._events += len(t)
        self._all_equal = self._all_equal and bool((t == self._first_t).all())
        self._keep_moves(
            steps, np.hypot(np.diff(x, prepend=before_x), np.diff(y, prepend=before_y)), kind, lines
        )
        self._last = (float(t[-1]), float(x[-1]), float(y[-1]), int(lines[-1]))

    def raise_if_wrong(self) -> None:
        """Say what is wrong with the clock, once every batch was added.

        Raises
        ------
        SteadyhandError
            With the file, the line, what was read there, and which unit would fit.
        """
        if self._all_equal and self._events >= _LEAST_EQUAL:
            line = self._last[3] if self._last else 0
            raise SteadyhandError(
                f"{self._path}, line {line}: all {self._events} times are {self._first_t:.10g}",
                "export the table again with the time of each event",
            )
        if self._back >= _LEAST_BACK and self._back > MOST_BACK_SHARE * self._events:
            share = self._back / max(1, self._events - 1)
            raise SteadyhandError(
                f"{self._path}, {self._first_back}; {share:.0%} of the times go back",
                "reverse the rows"
                if share > _REVERSED_SHARE
                else "sort the rows by time, one session a file",
            )
        self._check_unit()
        if self._gap:
            raise SteadyhandError(f"{self._path}, {self._gap}", "mend the line, or cut the table there")

    def _check_unit(self) -> None:
        intervals = np.concatenate([*self._intervals, np.empty(0)])
        fitting = fitting_units(intervals, np.concatenate([*self._steps_px, np.empty(0)]))
        if self._unit not in fitting:
            seconds = float(np.median(intervals)) * self._unit.value / 1e9
            raise SteadyhandError(
                f"{self._path}, {self._first_odd}: times read in {self._unit.word} put "
                f"{_duration(seconds)} between two moves",
                unit_hint(fitting),
            )

    def _check_size(self, t: Floats, lines: NDArray[np.intp]) -> None:
        too_large = np.flatnonzero(np.abs(t) * self._unit.value >= MOST_NS)
        if len(too_large):
            at = int(too_large[0])
            fitting = [u for u in TimeUnit if abs(float(t[at])) * u.value < MOST_NS]
            raise SteadyhandError(
                f"{self._path}, line {lines[at]}: time {t[at]:.10g} {self._unit.word} is "
                f"{abs(t[at]) * self._unit.value / 1e9 / _YEAR_S:,.0f} years",
                unit_hint(fitting[:1]),
            )

    def _note_gap(self, steps: Floats, t: Floats, lines: NDArray[np.intp], before_line: int) -> None:
        long = np.flatnonzero(steps * (self._unit.value / 1e9) > MOST_GAP_S)
        if len(long) and not self._gap:
            at = int(long[0])
            years = steps[at] * self._unit.value / 1e9 / _YEAR_S
            before = int(lines[at - 1]) if at else before_line
            self._gap = f"line {lines[at]}: time {t[at]:.10g} is {years:,.1f} years after line {before}"

    def _keep_moves(
        self, steps: Floats, steps_px: Floats, kind: NDArray[np.uint8], lines: NDArray[np.intp]
    ) -> None:
        moves = (kind == EventKind.MOVE) | (kind == EventKind.DRAG)
        chosen = np.flatnonzero(moves & (steps > 0))
        self._intervals.append(steps[chosen])
        self._steps_px.append(steps_px[chosen])
        if not self._first_odd:
            in_s = steps[chosen] * (self._unit.value / 1e9)
            odd = chosen[(in_s < INTERVAL_S[0]) | (in_s > INTERVAL_S[1])]
            at = odd[0] if len(odd) else chosen[0] if len(chosen) else None
            self._first_odd = "" if at is None else f"line {lines[at]}"


def unit_hint(fitting: Sequence[TimeUnit]) -> str:
    """What to do about times that no mouse has."""
    if not fitting:
        return "no unit fits: export the table again with times of events in ms"
    words = " or ".join(unit.word for unit in fitting)
    return f"{words} would fit: give --time-unit {fitting[0].word}"


def _duration(seconds: float) -> str:
    for factor, word in ((1.0, "s"), (1e3, "ms"), (1e6, "µs")):
        if seconds * factor >= 1.0:
            return f"{seconds * factor:,.3g} {word}"
    return f"{seconds * 1e9:.3g} ns"
