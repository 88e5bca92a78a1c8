"""The oracle: the definitions of `_fastfeat.schema` in slow, plain Python and NumPy.

Nothing here is shared with the kernel but the schema; the tests demand that both agree within 1e-9.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from _fastfeat.reference_measures import measure
from _fastfeat.rows import ActionRows
from _fastfeat.schema import FEATURES, ActionKind

MOVE, DRAG, PRESS, RELEASE, SCROLL = range(5)
DRAGS_OF_A_DD = 4


@dataclass(frozen=True)
class Event:
    """One event."""

    t: int
    x: float
    y: float
    kind: int
    button: int


@dataclass
class Action:
    """An action under way, or complete, with what was known when it began."""

    events: list[Event]
    before_t: int | None
    press_before_t: int | None
    last_hold: int | None
    held: int = 0
    press_at: int | None = None
    released: bool = False

    @property
    def drags(self) -> int:
        """DRAG events from the press on."""
        return sum(e.kind == DRAG for e in self.events[self.press_at or 0 :]) if self.held else 0

    @property
    def kind(self) -> ActionKind:
        """What the action is, as far as it has come."""
        if self.events[0].kind == SCROLL:
            return ActionKind.SCROLL
        if not self.held:
            return ActionKind.MM
        return ActionKind.DD if self.drags >= DRAGS_OF_A_DD else ActionKind.PC

    def pieces(self) -> list[Action]:
        """The action itself, or the MM and the DD of which it turned out to consist."""
        at = self.press_at
        if self.kind is not ActionKind.DD or not at:
            return [self]
        move = replace(self, events=self.events[:at], held=0, press_at=None, released=False)
        drag = replace(self, events=self.events[at:], press_at=0, before_t=self.events[at - 1].t)
        return [move, drag]


@dataclass
class Clicks:
    """What is known of presses and clicks so far."""

    press: Event | None = None
    press_before_t: int | None = None
    hold: int | None = None
    count: int = 0
    doubles: int = 0
    double_ns: int | None = None

    def release(self, t: int) -> None:
        """The own press is let go."""
        assert self.press is not None
        self.hold = t - self.press.t
        self.count += 1

    def row(self) -> None:
        """A row was made: the counts begin anew."""
        self.count = self.doubles = 0
        self.double_ns = None


@dataclass
class Segmenter:
    """Events to complete actions and their features."""

    gap_ns: int
    max_points: int
    open: Action | None = None
    last: Event | None = None
    down: int = 0
    double_ns: int | None = None
    clicks: Clicks = field(default_factory=Clicks)
    row_end: int | None = None
    frequency: bool = False
    rows: list[tuple[ActionKind, list[Event], dict[str, float]]] = field(default_factory=list)

    def take(self, event: Event) -> None:
        """One event of the stream."""
        if event.kind == SCROLL:
            event = replace(event, x=0.0, y=0.0)
        if not all(math.isfinite(v) and abs(v) < 65535 for v in (event.x, event.y)):
            return
        event = replace(event, x=round(event.x * 1024) / 1024, y=round(event.y * 1024) / 1024)
        if event == self.last:
            return
        if self.open and self.last and event.t - self.last.t > self.gap_ns:
            self.close()
        lost = self.down and (event.kind == MOVE or (event.kind, event.button) == (PRESS, self.down))
        scrolls = event.kind == SCROLL
        if self.open and (lost or (self.open.kind == ActionKind.SCROLL) != scrolls):
            self.close()
        if lost:
            self.down = 0
        self.add(event)
        self.last = event
        if self.open and len(self.open.events) >= self.max_points:
            self.close()

    def add(self, event: Event) -> None:
        """The event becomes a point."""
        if self.open is None:
            last_t = self.last.t if self.last else None
            press_t = self.clicks.press.t if self.clicks.press else None
            held = self.down if event.kind != SCROLL else 0
            self.open = Action([], last_t, press_t, self.clicks.hold, held)
        self.open.events.append(event)
        if event.kind == PRESS and not self.down:
            self.press(event, self.open)
        elif event.kind == RELEASE and event.button == self.down:
            self.release(event, self.open)
        elif self.open.kind is ActionKind.DD:
            *moves, self.open = self.open.pieces()
            for move in moves:
                self.emit(move)

    def press(self, event: Event, action: Action) -> None:
        """The action's own press."""
        before = self.clicks.press
        self.double_ns = None
        if before and before.button == event.button:
            far = max(abs(before.x - event.x), abs(before.y - event.y)) > 4
            self.double_ns = None if far or event.t - before.t > 500_000_000 else event.t - before.t
        self.clicks.press_before_t = before.t if before else None
        self.clicks.press = event
        self.down = action.held = event.button
        action.press_at = len(action.events) - 1

    def release(self, event: Event, action: Action) -> None:
        """The own press is let go: the click and its action are complete."""
        self.clicks.release(event.t)
        if self.double_ns is not None:
            self.clicks.doubles += 1
            self.clicks.double_ns = self.double_ns
        action.released = True
        self.close()
        self.down = 0

    def close(self) -> None:
        """The open action ends, here or by a cut."""
        action, self.open = self.open, None
        if action is not None:
            self.emit(action)

    def emit(self, action: Action) -> None:
        """A row, if the action has points enough."""
        first = action.events[0]
        if len(action.events) < (2 if action.kind is ActionKind.SCROLL else 4):
            return
        at = action.press_at
        since = (
            (action.events[at].t, self.clicks.press_before_t)
            if at is not None
            else (first.t, action.press_before_t)
        )
        context = {
            "before_pause_s": _seconds(first.t, action.before_t, 60),
            "since_click_s": _seconds(*since, 60),
            "since_action_s": _seconds(first.t, self.row_end, 60),
            "clicks": float(self.clicks.count),
            "double_clicks": float(self.clicks.doubles),
            "double_click_s": _seconds(self.clicks.double_ns, 0),
            "last_hold_s": _seconds(action.last_hold, 0),
            "button": float(action.held) if action.held else math.nan,
            "hold_s": _seconds(self.clicks.hold, 0) if action.released else math.nan,
        }
        if action.kind is ActionKind.MM or action.kind is ActionKind.SCROLL:
            context["button"] = context["hold_s"] = math.nan
        columns = tuple(
            np.array([getattr(e, name) for e in action.events]) for name in ("t", "x", "y", "button")
        )
        measured = measure(columns, action.kind, at, action.released, self.frequency)
        self.rows.append((action.kind, action.events, measured | context))
        self.row_end = action.events[-1].t
        self.clicks.row()


def _seconds(t: int | None, before: int | None, cap: float = math.inf) -> float:
    return math.nan if t is None or before is None else min(cap, (t - before) * 1e-9)


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
    """The same as `_fastfeat.extract`, slowly."""
    segmenter = Segmenter(gap_ns, max_points, frequency=frequency)
    for fields in zip(t_ns.tolist(), x.tolist(), y.tolist(), kind.tolist(), button.tolist(), strict=True):
        segmenter.take(Event(*fields))
    segmenter.close()
    rows = ActionRows.empty(len(segmenter.rows))
    for i, (action_kind, events, measured) in enumerate(segmenter.rows):
        rows.features[i] = [measured.get(name, math.nan) for name in FEATURES]
        rows.kind[i] = action_kind
        rows.start_ns[i], rows.end_ns[i] = events[0].t, events[-1].t
        rows.points[i] = len(events)
    return rows
