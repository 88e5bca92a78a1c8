"""Source matcher: which device made each event of the hook, by raw input's reports. Pure.

Hook and raw input tell of the same input, in an order that nobody promises: Windows' documentation names none, and
Wine queues WM_INPUT first. So nothing is matched by order. A report answers for an event where both lie
within a window of time, and agree in what happened: the same button, or a movement that is not in another direction.
An event that reports of several devices answer for has an unknown source, and so has one that nothing answers for. A
report without a handle comes from a program *or* from a precision touchpad: alone it answers for nothing, and makes
nothing synthetic.

Never run with two real mice: tests script the reports.
"""

from __future__ import annotations

from collections import deque
from typing import Final, NamedTuple

from agent.engine.events import UNKNOWN_SOURCE, Button, EventKind
from agent.host.windows.raw_input import RawKind, RawReport

ONE_OF_SEVERAL: Final = 0
"""The source of events after many that nothing answered for: it may be any of the connected devices."""

WINDOW_NS: Final = 50_000_000
# About a tenth of a second of movement: a few events without an answer are the mouse that moved before.
_MOST_UNANSWERED: Final = 16
# Windows swaps buttons before the hook and after raw input, or not: either of the two answers.
_MAIN: Final = frozenset((Button.LEFT, Button.RIGHT))
_MOVES: Final = frozenset((EventKind.MOVE, EventKind.DRAG))
_TURNS: Final = {
    Button.SCROLL_UP: ("wheel", 1),
    Button.SCROLL_DOWN: ("wheel", -1),
    Button.SCROLL_RIGHT: ("tilt", 1),
    Button.SCROLL_LEFT: ("tilt", -1),
}


class HookEvent(NamedTuple):
    """One event of the hook; `step_x` and `step_y` are how far it wants to move the pointer, px."""

    t_ns: int
    x: int
    y: int
    kind: int
    button: int
    synthetic: bool
    step_x: int = 0
    step_y: int = 0


class _Heard(NamedTuple):
    """One report with its time, and with the way that an absolute one has come since the last; None for its first."""

    t_ns: int
    report: RawReport
    moved: tuple[int, int] | None


class SourceMatcher:
    """Finds the source of each event; events leave in the order in which they came.

    Parameters
    ----------
    window_ns : int
        How far an event and its report may lie apart.
    """

    def __init__(self, window_ns: int = WINDOW_NS) -> None:
        self._window_ns = window_ns
        self._waiting: deque[HookEvent] = deque()
        self._mice: dict[int, deque[_Heard]] = {}
        self._digitizers: dict[int, deque[int]] = {}
        self._places: dict[int, tuple[int, int]] = {}
        self._unanswered = 0

    @property
    def waits(self) -> bool:
        """True while an event waits for its report."""
        return bool(self._waiting)

    def add_report(self, t_ns: int, source: int, report: RawReport) -> None:
        """Take a report of the device with the number `source`; `UNKNOWN_SOURCE` where it has no handle."""
        if source == UNKNOWN_SOURCE:
            return
        if report.kind is RawKind.DIGITIZER:
            self._digitizers.setdefault(source, deque()).append(t_ns)
            return
        moved: tuple[int, int] | None = (report.dx, report.dy)
        if report.is_absolute:
            place = self._places.get(source)
            self._places[source] = (report.dx, report.dy)
            moved = None if place is None else (report.dx - place[0], report.dy - place[1])
        self._mice.setdefault(source, deque()).append(_Heard(t_ns, report, moved))

    def add_event(self, event: HookEvent) -> None:
        """Take an event of the hook."""
        self._waiting.append(event)

    def released(self, now_ns: int, *, everything: bool = False) -> list[tuple[HookEvent, int]]:
        """The events that need not wait any longer, each with its source.

        Parameters
        ----------
        now_ns : int
        everything : bool
            True to let go of all, whether a report may still come or not.
        """
        leaving: list[tuple[HookEvent, int]] = []
        while self._waiting:
            event = self._waiting[0]
            self._forget_before(event.t_ns - self._window_ns)
            sources = [] if event.synthetic else self._answering(event)
            is_late = everything or now_ns - event.t_ns > self._window_ns
            if not sources and not event.synthetic and not is_late:
                break
            self._waiting.popleft()
            leaving.append((event, self._source_of(event, sources)))
        if not self._waiting:
            self._forget_before(now_ns - 2 * self._window_ns)
        return leaving

    def _source_of(self, event: HookEvent, sources: list[int]) -> int:
        if event.synthetic:
            return UNKNOWN_SOURCE
        if not sources:
            latest_ns = event.t_ns + self._window_ns
            sources = [s for s, times_ns in self._digitizers.items() if times_ns and times_ns[0] <= latest_ns]
        if len(sources) == 1:
            self._unanswered = 0
            return sources[0]
        self._unanswered += 1
        return UNKNOWN_SOURCE if self._unanswered <= _MOST_UNANSWERED else ONE_OF_SEVERAL

    def _answering(self, event: HookEvent) -> list[int]:
        """The mice with a report that answers for `event`."""
        latest_ns = event.t_ns + self._window_ns
        return [
            source
            for source, reports in self._mice.items()
            if any(heard.t_ns <= latest_ns and answers(heard.report, heard.moved, event) for heard in reports)
        ]

    def _forget_before(self, earliest_ns: int) -> None:
        for reports in self._mice.values():
            while reports and reports[0].t_ns < earliest_ns:
                reports.popleft()
        for times_ns in self._digitizers.values():
            while times_ns and times_ns[0] < earliest_ns:
                times_ns.popleft()


def answers(report: RawReport, moved: tuple[int, int] | None, event: HookEvent) -> bool:
    """Whether `event` may be what `report` tells of; `moved` is None where only the place is known."""
    if event.kind in _MOVES:
        return report.moves and (moved is None or _is_same_way(moved, (event.step_x, event.step_y)))
    if event.kind == EventKind.SCROLL:
        axis, sign = _TURNS[Button(event.button)]
        return bool(getattr(report, axis) * sign > 0)
    buttons = report.presses if event.kind == EventKind.PRESS else report.releases
    accepted = _MAIN if event.button in _MAIN else {event.button}
    return not buttons.isdisjoint(accepted)


def _is_same_way(moved: tuple[int, int], step: tuple[int, int]) -> bool:
    """Whether a pointer's step may come of a movement: no axis goes the other way. Slow movement may give no step."""
    along_x, along_y = moved[0] * step[0], moved[1] * step[1]
    if along_x < 0 or along_y < 0:
        return False
    return along_x + along_y > 0 or step == (0, 0)
