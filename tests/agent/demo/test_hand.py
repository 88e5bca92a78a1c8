"""Playing: absolute deadlines, buttons that never stay down, pauses that can be cut."""

from __future__ import annotations

import numpy as np

from agent.demo.hand import deadlines, play
from agent.demo.synthesis import Screen, office, person, work
from agent.engine.events import EventBatch, EventKind

MS = 1_000_000


class Clock:
    """A clock that only sleeping moves, and that oversleeps."""

    def __init__(self, oversleep_ns: int = 0) -> None:
        self.now = 123_456_789
        self.oversleep_ns = oversleep_ns

    def __call__(self) -> int:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += round(seconds * 1e9) + self.oversleep_ns


class Wire:
    """Keeps what is handed over, with its time."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.seen: list[tuple[int, str, int, int]] = []

    def move(self, x: int, y: int) -> None:
        self.seen.append((self.clock(), "move", x, y))

    def button(self, number: int, down: bool) -> None:
        self.seen.append((self.clock(), "down" if down else "up", number, 0))


def events(*rows: tuple[int, int, int, int, int]) -> EventBatch:
    t, x, y, kind, button = (np.array(column) for column in zip(*rows, strict=True))
    return EventBatch.of(
        t.astype(np.int64) * MS,
        x.astype(float),
        y.astype(float),
        kind.astype(np.uint8),
        button.astype(np.uint8),
    )


CLICK = events(
    (1000, 5, 6, EventKind.MOVE, 0),
    (1008, 7, 8, EventKind.MOVE, 0),
    (1090, 7, 8, EventKind.PRESS, 1),
    (1098, 9, 9, EventKind.DRAG, 1),
    (9000, 9, 9, EventKind.RELEASE, 1),
    (9100, 9, 9, EventKind.SCROLL, 5),
)


def test_everything_is_handed_over_in_its_time() -> None:
    clock = Clock()
    wire = Wire(clock)
    played = play(CLICK, wire, clock=clock, sleep=clock.sleep)
    begin = 124 * MS
    assert wire.seen == [
        (begin, "move", 5, 6),
        (begin + 8 * MS, "move", 7, 8),
        (begin + 90 * MS, "down", 1, 0),
        (begin + 98 * MS, "move", 9, 9),
        (begin + 8000 * MS, "up", 1, 0),
        (begin + 8100 * MS, "down", 5, 0),
        (begin + 8100 * MS, "up", 5, 0),
    ]
    assert (played.events, played.began_ns, played.ended_ns) == (6, begin, begin + 8100 * MS)
    assert not played.late_ns.any()


def test_being_late_does_not_add_up() -> None:
    clock = Clock(oversleep_ns=3 * MS)
    batch = EventBatch.concat(work(person(1), office(Screen(0, 0, 1280, 800)), 2, actions=5))
    played = play(batch, Wire(clock), clock=clock, sleep=clock.sleep)
    assert played.events == len(batch)
    assert played.late_ns.max() <= 3 * MS
    assert played.ended_ns - played.began_ns <= batch.t_ns[-1] - batch.t_ns[0] + 3 * MS


def test_pauses_are_cut_and_speed_divides() -> None:
    due = deadlines(CLICK.t_ns, speed=2.0, longest_pause_s=0.5)
    assert (due / MS).tolist() == [0, 4, 45, 49, 299, 349]


def test_no_button_stays_down_when_it_is_stopped() -> None:
    clock = Clock()
    wire = Wire(clock)
    played = play(CLICK, wire, clock=clock, sleep=clock.sleep, stop=lambda: clock.now > 223 * MS)
    assert played.events == 4
    assert [what for _, what, _, _ in wire.seen] == ["move", "move", "down", "move", "up"]


def test_nothing_to_play() -> None:
    clock = Clock()
    played = play(EventBatch.empty(), Wire(clock), clock=clock, sleep=clock.sleep)
    assert played.events == 0
