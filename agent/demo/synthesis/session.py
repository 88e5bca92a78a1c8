"""Simulated session: a person's tasks one after the other, as the events that a mouse reports."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from agent.demo.synthesis.desk import Desk, Doing, Target
from agent.demo.synthesis.hand import Hand, today
from agent.demo.synthesis.movement import Point, aim, path, plan
from agent.engine.events import Button, EventBatch, EventKind

_Row = tuple[float, float, float, int, int]


def work(
    hand: Hand,
    desk: Desk,
    seed: int,
    *,
    actions: int | None = None,
    seconds: float | None = None,
    start_ns: int = 0,
    start: Point | None = None,
) -> Iterator[EventBatch]:
    """One session of work.

    Parameters
    ----------
    hand, desk : Hand, Desk
    seed : int
        Names the session. The same seed asks everybody for the same things at the same places, and what the
        hand makes of them comes from a stream of random numbers of its own.
    actions : int, optional
        End after so many things done; pauses do not count.
    seconds : float, optional
        End before the first thing that would begin later than this.
    start_ns : int
        Time stamp of the beginning.
    start : (float, float), optional
        Where the pointer is then, px; default the middle of the first screen.

    Yields
    ------
    EventBatch
        The events of one thing done: whole px, whole ms, times non-decreasing over batches too. Positions
        stay on the screens; a report that would not move the pointer is not made.

    Raises
    ------
    ValueError
        If neither `actions` nor `seconds` is given, or the desk has nowhere to do what is asked there.
    """
    if actions is None and seconds is None:
        raise ValueError("say after how many actions or seconds the session ends")
    asked = np.random.default_rng([seed, 1])
    session = _Session(
        today(hand, np.random.default_rng([seed, 2])), desk, np.random.default_rng([seed, 3]), start
    )
    target, done = None, 0
    while (actions is None or done < actions) and (seconds is None or session.now_ms < 1e3 * seconds):
        doing = desk.choose(asked)
        if doing is Doing.IDLE:
            session.idle()
            continue
        target = desk.target(doing, asked, but=target)
        session.do(doing, target, desk.target(doing, asked, but=target))
        session.pause()
        if session.has_moved:
            done += 1
            yield session.events(start_ns)


class _Session:
    """Where the hand is, and what the mouse has reported since `events` was last called."""

    def __init__(self, hand: Hand, desk: Desk, rng: np.random.Generator, start: Point | None) -> None:
        self.now_ms = 0.0
        self._hand = hand
        self._desk = desk
        self._rng = rng
        first = desk.screens[0]
        at = start or (first.left + first.width / 2, first.top + first.height / 2)
        self._at: tuple[int, int] = (round(at[0]), round(at[1]))
        self._phase_ms = float(rng.uniform(0, 1))
        self._last_stamp = -1
        self._rows: list[_Row] = []

    @property
    def has_moved(self) -> bool:
        """True while there are reports that `events` has not given out."""
        return bool(self._rows)

    def do(self, doing: Doing, target: Target, destination: Target) -> None:
        """Go to the target and do it; a drag goes on to the other one."""
        hand = self._hand
        self.now_ms += self._around(hand.reaction_ms, hand.reaction_spread)
        self._go(target)
        if doing is Doing.CLICK:
            self._click()
        elif doing is Doing.RIGHT_CLICK:
            self._click(Button.RIGHT)
        elif doing is Doing.DOUBLE_CLICK:
            self._click()
            self.now_ms += self._around(hand.double_gap_ms, hand.double_gap_spread)
            self._press_and_release(Button.LEFT)
        elif doing is Doing.DRAG:
            self._drag(destination)
        elif doing is Doing.SCROLL:
            self._scroll()

    def pause(self) -> None:
        """Between one thing and the next; some pauses are long."""
        hand = self._hand
        wait = self._around(hand.pause_ms, hand.pause_spread)
        if self._rng.random() < hand.long_pause_share:
            wait += self._around(4000.0, 0.6)
        self.now_ms += self._desk.pace * min(wait, 60_000.0)

    def idle(self) -> None:
        """Leave the mouse alone for some seconds."""
        self.now_ms += self._desk.pace * min(self._around(5000.0, 0.7), 120_000.0)

    def events(self, start_ns: int) -> EventBatch:
        """What was reported, stamped with whole milliseconds as X delivers it; the list starts anew."""
        rows, self._rows = self._rows, []
        ticks, x, y, kind, button = (np.array(column) for column in zip(*rows, strict=True))
        late = np.abs(self._rng.normal(0.0, self._desk.jitter_ms, len(rows)))
        late = np.minimum(late, 0.9 * self._desk.report_ms)
        stamps = np.floor(ticks * self._desk.report_ms + self._phase_ms + late).astype(np.int64)
        stamps = np.maximum.accumulate(np.maximum(stamps, self._last_stamp))
        self._last_stamp = int(stamps[-1])
        t_ns = start_ns // 1_000_000 * 1_000_000 + stamps * 1_000_000
        return EventBatch.of(
            t_ns, x.astype(np.float64), y.astype(np.float64), kind.astype(np.uint8), button.astype(np.uint8)
        )

    def _around(self, median: float, spread: float) -> float:
        """A lognormal draw."""
        return median * math.exp(spread * self._rng.standard_normal())

    def _tick(self) -> int:
        """The first report at or after now."""
        return math.ceil(self.now_ms / self._desk.report_ms)

    def _report(self, kind: EventKind, button: Button) -> None:
        """Report a button or the wheel at once; time goes on to that report."""
        tick = self._tick()
        self._rows.append((tick, *self._at, kind, button))
        self.now_ms = tick * self._desk.report_ms

    def _go(self, target: Target, dragging: Button = Button.NONE) -> None:
        """Move to the target, with a button held down when dragging."""
        slowness = self._hand.drag_slowness if dragging else 1.0
        goal = self._desk.clamp(*aim(target, self._hand, self._rng))
        width = max(8.0, min(target.width, target.height * 2.0))
        strokes = plan(self._at, goal, width, self._hand, self._rng, slowness)
        if not strokes:
            return
        first = self._tick()
        last = math.ceil((self.now_ms + max(stroke.end_ms for stroke in strokes)) / self._desk.report_ms)
        ticks = np.arange(first, max(last, first + 1) + 1)
        t_ms = np.asarray(ticks * self._desk.report_ms - self.now_ms, np.float64)
        way = path(self._at, strokes, self._hand, self._rng, t_ms)
        self._report_moves(ticks, way, dragging)
        self.now_ms = float(ticks[-1] * self._desk.report_ms)

    def _report_moves(self, ticks: NDArray[np.int64], way: NDArray[np.float64], dragging: Button) -> None:
        """Whole px on the screens; where the pointer does not change nothing is reported."""
        kind = EventKind.DRAG if dragging else EventKind.MOVE
        for tick, (x, y) in zip(ticks.tolist(), way.tolist(), strict=True):
            seen_x, seen_y = self._desk.clamp(x, y)
            at = (round(seen_x), round(seen_y))
            if at != self._at:
                self._at = at
                self._rows.append((tick, *at, kind, dragging))

    def _click(self, button: Button = Button.LEFT) -> None:
        self.now_ms += self._around(self._hand.settle_ms, self._hand.settle_spread)
        self._press_and_release(button)

    def _press_and_release(self, button: Button) -> None:
        self._report(EventKind.PRESS, button)
        self.now_ms += max(self._around(self._hand.hold_ms, self._hand.hold_spread), self._desk.report_ms)
        self._report(EventKind.RELEASE, button)

    def _drag(self, destination: Target) -> None:
        hand = self._hand
        self.now_ms += self._around(hand.settle_ms, hand.settle_spread)
        self._report(EventKind.PRESS, Button.LEFT)
        self.now_ms += self._around(hand.grip_ms, 0.4)
        self._go(destination, Button.LEFT)
        self.now_ms += self._around(hand.let_go_ms, 0.4)
        self._report(EventKind.RELEASE, Button.LEFT)

    def _scroll(self) -> None:
        """A few bursts of wheel ticks, mostly down."""
        hand = self._hand
        self.now_ms += self._around(hand.settle_ms, hand.settle_spread)
        way = Button.SCROLL_DOWN if self._rng.random() < 0.7 else Button.SCROLL_UP
        for burst in range(int(self._rng.integers(1, 4))):
            if burst:
                self.now_ms += self._around(hand.burst_gap_ms, 0.35)
            for _ in range(1 + int(self._rng.poisson(hand.burst_ticks - 1.0))):
                self._report(EventKind.SCROLL, way)
                self.now_ms += max(self._around(hand.tick_ms, hand.tick_spread), self._desk.report_ms)
