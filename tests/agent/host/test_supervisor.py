"""A source that died or went silent is replaced; a quiet mouse is left alone."""

from __future__ import annotations

from typing import Any

import pytest

from agent.engine.events import Boundary, Cause
from agent.host.api import CannotSee, CaptureCut
from agent.host.obstruction import CLEAR, Obstruction
from agent.host.ring import Ring
from agent.host.supervisor import CaptureDecision, Supervisor, decide


class Source:
    """A scripted `PointerSource`."""

    def __init__(self, refuses: str = "", dies_when_asked: bool = False, is_cut: bool = False) -> None:
        self.refuses = refuses
        self.is_cut = is_cut
        self.dies_when_asked = dies_when_asked
        self.alive = False
        self.syncs = 0
        self.stopped = False

    def start(self, ring: Ring) -> None:
        if self.is_cut:
            raise CaptureCut("cut off")
        if self.refuses:
            raise CannotSee(self.refuses)
        self.alive = True

    def stop(self) -> None:
        self.stopped, self.alive = True, False

    def is_alive(self) -> bool:
        return self.alive

    def sync(self) -> None:
        self.syncs += 1
        if self.dies_when_asked:
            self.alive = False


class Idle:
    def __init__(self, idle_ms: int | None) -> None:
        self.ms = idle_ms
        self.at: tuple[int, int] | None = (5, 5)

    def idle_ms(self) -> int | None:
        return self.ms

    def position(self) -> tuple[int, int] | None:
        return self.at


class World:
    """A supervisor over sources that a test lists, with everything that it does kept."""

    def __init__(self, clock: Any, *sources: Source, idle_ms: int | None = None) -> None:
        self.clock, self.ring, self.idle = clock, Ring(), Idle(idle_ms)
        self.left = list(sources)
        self.made = 0
        self.obstruction = CLEAR
        self.supervisor = Supervisor(self.make, self.ring, self.idle, clock, lambda: self.obstruction)

    def make(self) -> Source:
        self.made += 1
        return self.left.pop(0)

    def check(self, events: int, after_s: float = 1.0) -> bool:
        self.clock.sleep(after_s)
        return self.supervisor.check(events)

    def boundaries(self) -> list[tuple[Cause, str]]:
        return [(b.cause, b.detail) for b in self.ring.drain() if isinstance(b, Boundary)]


@pytest.mark.parametrize(
    ("alive", "new_events", "idle_ms", "step"),
    [
        (False, 9, None, CaptureDecision.RESTART),
        (False, 0, 5, CaptureDecision.RESTART),
        (True, 9, 5, CaptureDecision.NOTHING),
        (True, 0, 5, CaptureDecision.PROBE),
        (True, 0, 5000, CaptureDecision.NOTHING),
        (True, 0, None, CaptureDecision.NOTHING),
    ],
)
def test_what_a_check_decides(
    alive: bool, new_events: int, idle_ms: int | None, step: CaptureDecision
) -> None:
    assert decide(alive=alive, new_events=new_events, idle_ms=idle_ms, elapsed_ms=1000) is step


def test_a_source_that_works_is_left_alone(clock: Any) -> None:
    source = Source()
    world = World(clock, source, idle_ms=3)
    world.supervisor.start()
    assert world.check(10)
    assert world.check(20)
    assert source.syncs == 0
    assert world.boundaries() == []


def test_typing_without_the_mouse_asks_but_restarts_nothing(clock: Any) -> None:
    source = Source()
    world = World(clock, source, idle_ms=3)
    world.supervisor.start()
    assert world.check(0)
    assert source.syncs == 1
    assert world.supervisor.restarts == 0
    assert world.boundaries() == []


def test_a_dead_listener_is_replaced_and_announced(clock: Any) -> None:
    first, second = Source(), Source()
    world = World(clock, first, second)
    world.supervisor.start()
    first.alive = False
    assert world.check(5)
    assert first.stopped
    assert second.alive
    assert world.boundaries() == [(Cause.CAPTURE_RESTARTED, "the listener had died")]
    assert world.supervisor.restarts == 1


def test_a_silent_one_that_fails_the_question_is_replaced(clock: Any) -> None:
    world = World(clock, Source(dies_when_asked=True), Source(), idle_ms=3)
    world.supervisor.start()
    assert world.check(0)
    assert world.boundaries() == [(Cause.CAPTURE_RESTARTED, "no events came")]


def test_a_pointer_that_moved_without_an_event_gives_a_deaf_source_away(clock: Any) -> None:
    first, second = Source(), Source()
    world = World(clock, first, second, idle_ms=3)
    world.supervisor.start()
    assert world.check(0)
    world.idle.at = (90, 5)
    assert world.check(0)
    assert first.stopped
    assert world.boundaries() == [
        (Cause.CAPTURE_RESTARTED, "the pointer moved from (5, 5) and no event came")
    ]


def test_a_move_that_is_in_the_ring_was_not_missed(clock: Any) -> None:
    world = World(clock, Source(), idle_ms=3)
    world.supervisor.start()
    assert world.check(0)
    world.idle.at = (90, 5)
    world.ring.append(1, 90.0, 5.0, 0, 0)
    assert world.check(0)
    assert world.supervisor.restarts == 0
    assert world.check(1), "and where it stood before that move is forgotten"
    world.idle.at = (70, 5)
    assert world.check(1), "the first look after events only takes note"
    assert world.supervisor.restarts == 0


def test_where_nobody_says_where_the_pointer_is_nothing_is_concluded(clock: Any) -> None:
    world = World(clock, Source(), idle_ms=3)
    world.supervisor.start()
    for at in (None, (1, 1), None, (2, 2)):
        world.idle.at = at
        assert world.check(0)
    assert world.supervisor.restarts == 0


def test_where_nothing_can_be_seen_it_says_why_and_tries_less_and_less_often(clock: Any) -> None:
    dead, blind = Source(), [Source(refuses="no X server") for _ in range(3)]
    world = World(clock, dead, *blind, Source())
    world.supervisor.start()
    dead.alive = False
    assert not world.check(0)
    assert world.supervisor.blind == "no X server"
    assert not world.check(0, after_s=0.5)
    assert world.made == 2
    assert not world.check(0, after_s=1.0)
    assert not world.check(0, after_s=1.0)
    assert world.made == 3
    assert not world.check(0, after_s=2.0)
    assert world.made == 4
    assert world.check(0, after_s=5.0)
    assert world.supervisor.blind == ""
    assert world.boundaries() == [(Cause.CAPTURE_RESTARTED, "no X server")]


def test_it_can_be_told_to_restart(clock: Any) -> None:
    first, second = Source(), Source()
    world = World(clock, first, second)
    world.supervisor.start()
    assert world.supervisor.restart("the computer slept")
    assert first.stopped
    assert world.boundaries() == [(Cause.CAPTURE_RESTARTED, "the computer slept")]
    world.supervisor.stop()
    assert second.stopped


def test_a_first_start_that_fails_is_the_callers_to_hear(clock: Any) -> None:
    world = World(clock, Source(refuses="Wayland"))
    with pytest.raises(CannotSee, match="Wayland"):
        world.supervisor.start()


def test_capture_that_is_cut_off_while_it_begins_is_tried_again_each_second_and_said_each_time(
    clock: Any,
) -> None:
    world = World(clock, Source(), *[Source(is_cut=True) for _ in range(20)], Source())
    world.supervisor.start()
    world.supervisor._source.alive = False  # type: ignore[union-attr]
    for _ in range(20):
        assert not world.check(10)
        assert world.supervisor.is_cut
    assert world.made == 21, "each second, and not after 1, 2, 4 … 30 s"
    assert world.boundaries() == [(Cause.CAPTURE_RESTARTED, "cut off")] * 20
    assert world.check(10)
    assert (world.supervisor.is_cut, world.supervisor.blind) == (False, "")


def test_what_obstructs_capture_is_no_reason_to_replace_it(clock: Any) -> None:
    source = Source()
    world = World(clock, source, idle_ms=3)
    world.supervisor.start()
    assert world.check(0)
    world.obstruction = Obstruction("an administrator's window", 1)
    for step in range(20):
        world.idle.at = (step, 9)
        assert not world.check(0)
    assert source.syncs == 21, "it is looked at each time"
    world.obstruction = CLEAR
    assert world.check(0), "where the pointer was before is no matter"
    assert (world.made, world.boundaries()) == (1, [])


def test_an_obstruction_that_the_probe_finds_replaces_nothing(clock: Any) -> None:
    class Finds(Source):
        def sync(self) -> None:
            super().sync()
            if self.syncs == 2:
                world.obstruction = Obstruction("an administrator's window", 1)

    world = World(clock, Finds(), idle_ms=3)
    world.supervisor.start()
    assert world.check(0)
    world.idle.at = (6, 6)
    assert world.check(0)
    assert world.supervisor.obstruction().reason
    assert (world.made, world.boundaries()) == (1, [])


def test_a_source_that_dies_behind_an_obstruction_is_replaced(clock: Any) -> None:
    dead, fresh = Source(), Source()
    world = World(clock, dead, fresh, idle_ms=3)
    world.supervisor.start()
    world.obstruction = Obstruction("an administrator's window", 1)
    dead.alive = False
    assert world.check(0)
    assert fresh.alive
