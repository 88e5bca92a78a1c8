"""XInput2's raw events become the events that RECORD would have told."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.engine.events import Button, EventBatch, EventKind
from agent.host.linux.raw_motion import (
    AxisRange,
    RawEvent,
    RawMotionDecoder,
    is_later,
    is_motion,
    split_stream,
)
from agent.host.ring import Ring
from agent.host.tickclock import TickClock

MS = 1_000_000
PRESS, RELEASE, MOTION = 15, 16, 17
MOUSE, TABLET, XTEST = 6, 7, 4


def raw(
    evtype: int, values: dict[int, float], *, detail: int = 0, time_ms: int = 1000, source: int = MOUSE
) -> bytes:
    """An XIRawEvent as XI2's protocol lays it out: transformed values, then raw ones."""
    mask = sum(1 << axis for axis in values)
    numbers = b"".join(
        struct.pack("=iI", int(value // 1), int((value - value // 1) * 2**32))
        for _, value in sorted(values.items())
    )
    body = struct.pack("=I", mask) + numbers + numbers
    head = struct.pack("=BBHIHHIIHHI4x", 35, 131, 9, len(body) // 4, evtype, 2, time_ms, detail, source, 1, 0)
    return head + body


@pytest.fixture
def ring() -> Ring:
    return Ring()


@pytest.fixture
def decoder(ring: Ring) -> RawMotionDecoder:
    clock = TickClock()
    clock.anchor(1000, 1000 * MS)
    tablet = (AxisRange(0.0, 1000.0), AxisRange(0.0, 500.0))
    made = RawMotionDecoder(
        ring, clock, (1280, 720), frozenset({XTEST}), {TABLET: tablet}, (1, 2, 3, 4, 5, 6, 7, 8, 9)
    )
    made.start_at(100, 100)
    return made


def taken(decoder: RawMotionDecoder, ring: Ring, *events: bytes) -> EventBatch:
    heard = split_stream(b"".join(events))
    assert heard.incomplete == b""
    for event in heard.events:
        decoder.take(event)
    return EventBatch.concat(item for item in ring.drain() if isinstance(item, EventBatch))


def test_relative_motion_is_added_up_and_the_pointer_stays_on_the_screen(
    decoder: RawMotionDecoder, ring: Ring
) -> None:
    moves = (
        raw(MOTION, {0: 2.5, 1: -1.25}),
        raw(MOTION, {0: 0.5}, time_ms=1008),
        raw(MOTION, {1: -500.0}, time_ms=1016),
    )
    seen = taken(decoder, ring, *moves)
    assert seen.x.tolist() == [102, 103, 103]
    assert seen.y.tolist() == [98, 98, 0]
    assert seen.t_ns.tolist() == [1000 * MS, 1008 * MS, 1016 * MS]
    assert set(seen.kind.tolist()) == {EventKind.MOVE}
    assert set(seen.source.tolist()) == {MOUSE}


def test_a_tablet_tells_where_it_is(decoder: RawMotionDecoder, ring: Ring) -> None:
    seen = taken(decoder, ring, raw(MOTION, {0: 500.0, 1: 500.0}, source=TABLET))
    assert (seen.x.tolist(), seen.y.tolist()) == ([639], [719])


def test_buttons_make_drags_and_wheels_scroll_once(decoder: RawMotionDecoder, ring: Ring) -> None:
    seen = taken(
        decoder,
        ring,
        raw(PRESS, {}, detail=1),
        raw(MOTION, {0: 1.0}),
        raw(RELEASE, {}, detail=1),
        raw(MOTION, {0: 1.0}),
        raw(PRESS, {}, detail=5),
        raw(RELEASE, {}, detail=5),
    )
    kinds = [EventKind.PRESS, EventKind.DRAG, EventKind.RELEASE, EventKind.MOVE, EventKind.SCROLL]
    assert seen.kind.tolist() == kinds
    assert seen.button.tolist() == [1, 0, 1, 0, Button.SCROLL_DOWN]


def test_a_left_handed_mouse_presses_what_it_means(ring: Ring) -> None:
    decoder = RawMotionDecoder(ring, TickClock(), (10, 10), frozenset(), {}, (3, 2, 1))
    assert taken(decoder, ring, raw(PRESS, {}, detail=1)).button.tolist() == [Button.RIGHT]


def test_what_xtest_moves_is_a_programs(decoder: RawMotionDecoder, ring: Ring) -> None:
    assert taken(decoder, ring, raw(MOTION, {0: 1.0}, source=XTEST)).synthetic.tolist() == [True]


def test_fine_steps_of_a_wheel_are_no_motion_of_the_pointer(decoder: RawMotionDecoder, ring: Ring) -> None:
    (wheel,) = split_stream(raw(MOTION, {3: 15.0})).events
    assert not is_motion(wheel)
    decoder.take(wheel)
    assert ring.drain() == []


@given(st.binary(max_size=400))
def test_no_bytes_break_it(data: bytes) -> None:
    heard = split_stream(data)
    assert len(heard.incomplete) <= len(data)
    decoder = RawMotionDecoder(Ring(), TickClock(), (10, 10), frozenset(), {}, ())
    for event in heard.events:
        assert isinstance(event, RawEvent)
        decoder.take(event)


@given(st.integers(0, 200))
def test_events_may_come_in_pieces(cut: int) -> None:
    whole = raw(MOTION, {0: 1.0, 1: 2.0}) + raw(PRESS, {}, detail=1)
    first = split_stream(whole[:cut])
    second = split_stream(first.incomplete + whole[cut:])
    kinds = [event.kind for event in first.events + second.events]
    assert (second.incomplete, kinds) == (b"", [MOTION, PRESS])


def test_motion_hints_and_devices_that_come_or_go_are_heard_beside_raw_events() -> None:
    hint = struct.pack("=B31x", 6)
    hierarchy = struct.pack("=BBHIHH20x", 35, 131, 9, 0, 11, 3)
    answer = struct.pack("=B31x", 1)
    heard = split_stream(answer + hint + raw(PRESS, {}, detail=1))
    assert (heard.hinted, heard.devices_changed, len(heard.events)) == (True, False, 1)
    heard = split_stream(hierarchy + raw(PRESS, {}, detail=1))
    assert (heard.hinted, heard.devices_changed, len(heard.events)) == (False, True, 1)


def test_a_tablet_that_is_plugged_in_later_tells_where_it_is(decoder: RawMotionDecoder, ring: Ring) -> None:
    later = 12
    decoder.devices_are(frozenset({XTEST}), {later: (AxisRange(0.0, 1000.0), AxisRange(0.0, 500.0))})
    seen = taken(decoder, ring, raw(MOTION, {0: 500.0, 1: 500.0}, source=later))
    assert (seen.x.tolist(), seen.y.tolist()) == ([639], [719])


@pytest.mark.parametrize(
    ("time_ms", "than_ms", "later"),
    [(2, 1, True), (1, 1, False), (1, 2, False), (0, 2**32 - 1, True), (2**32 - 1, 0, False)],
)
def test_times_of_the_server_are_compared_across_their_wrap(time_ms: int, than_ms: int, later: bool) -> None:
    assert is_later(time_ms, than_ms) is later
