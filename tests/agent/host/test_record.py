"""RECORD's bytes become events; the server's 32-bit time becomes monotonic time."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.engine.events import Boundary, EventBatch, EventKind
from agent.host.linux.record import RecordDecoder
from agent.host.ring import Ring
from agent.host.tickclock import TickClock

MS = 1_000_000
WRAP_MS = 2**32


def core(kind: int, detail: int, time_ms: int, x: int, y: int, state: int = 0) -> bytes:
    """A core pointer event as X11's protocol lays it out."""
    return struct.pack("=BBHIIIIhhhhHBx", kind, detail, 0, time_ms, 1, 2, 3, x, y, 9, 9, state, 1)


def changed(device: int, source: int, evtype: int = 1) -> bytes:
    """The first 32 bytes of XI_DeviceChanged."""
    return struct.pack("=BBHIHHIHHB11x", 35, 131, 0, 9, evtype, device, 1000, 4, source, 1)


@pytest.fixture
def ring() -> Ring:
    return Ring()


@pytest.fixture
def decoder(ring: Ring) -> RecordDecoder:
    made = RecordDecoder(ring, lambda: None)
    made.clock.anchor(1000, 1000 * MS)
    made.masters, made.xtest = frozenset({2}), frozenset({4})
    return made


def events(ring: Ring) -> EventBatch:
    items = ring.drain()
    assert not [item for item in items if isinstance(item, Boundary)]
    return EventBatch.concat(item for item in items if isinstance(item, EventBatch))


def test_moves_and_drags_on_monitors_left_of_the_first(decoder: RecordDecoder, ring: Ring) -> None:
    decoder.events(core(6, 0, 1001, -300, -20) + core(6, 0, 1009, 5, 6, 0x100))
    seen = events(ring)
    assert seen.t_ns.tolist() == [1001 * MS, 1009 * MS]
    assert seen.x.tolist() == [-300, 5]
    assert seen.y.tolist() == [-20, 6]
    assert seen.kind.tolist() == [EventKind.MOVE, EventKind.DRAG]


def test_side_buttons_make_drags_though_the_state_has_no_bit_for_them(
    decoder: RecordDecoder, ring: Ring
) -> None:
    motion = core(6, 0, 1002, 1, 1)
    decoder.events(core(4, 9, 1001, 0, 0) + motion + core(5, 9, 1003, 1, 1) + core(6, 0, 1004, 1, 1))
    assert events(ring).kind.tolist() == [EventKind.PRESS, EventKind.DRAG, EventKind.RELEASE, EventKind.MOVE]


def test_a_wheel_is_one_event_a_notch(decoder: RecordDecoder, ring: Ring) -> None:
    decoder.events(core(4, 5, 1001, 0, 0) + core(5, 5, 1001, 0, 0, 0x1000))
    seen = events(ring)
    assert seen.kind.tolist() == [EventKind.SCROLL]
    assert seen.button.tolist() == [5]


def test_sources_change_between_events_and_programs_are_marked(decoder: RecordDecoder, ring: Ring) -> None:
    decoder.source_is(6)
    decoder.events(core(6, 0, 1001, 0, 0))
    decoder.control(changed(2, 4))
    decoder.events(core(6, 0, 1002, 0, 0))
    decoder.control(changed(3, 5))  # a keyboard's master
    decoder.control(changed(2, 6, evtype=11))  # another XI2 event
    decoder.events(core(6 | 0x80, 0, 1003, 0, 0))
    seen = events(ring)
    assert seen.source.tolist() == [6, 4, 4]
    assert seen.synthetic.tolist() == [False, True, True]


def test_a_change_that_was_told_outweighs_what_was_asked(decoder: RecordDecoder) -> None:
    decoder.control(changed(2, 4))
    decoder.source_is(6)
    assert decoder.source == 4


def test_events_sent_by_a_program_are_marked(decoder: RecordDecoder, ring: Ring) -> None:
    decoder.source_is(6)
    decoder.events(core(6 | 0x80, 0, 1001, 0, 0))
    assert events(ring).synthetic.tolist() == [True]


def test_replies_are_fences(ring: Ring) -> None:
    answered: list[int] = []
    decoder = RecordDecoder(ring, lambda: answered.append(1))
    decoder.control(b"\x01" + bytes(31) + changed(2, 4) + b"\x01" + bytes(31))
    assert len(answered) == 2
    assert len(ring) == 0


def test_other_events_are_left_out(decoder: RecordDecoder, ring: Ring) -> None:
    decoder.events(core(2, 38, 1001, 0, 0) + core(12, 0, 1002, 0, 0))
    assert ring.drain() == []


@pytest.mark.parametrize("boot_days", [0.001, 49.7, 49.72, 300])
def test_a_server_on_this_computer_shows_monotonic_time(boot_days: float) -> None:
    now_ms = int(boot_days * 86_400_000)
    clock = TickClock()
    clock.anchor((now_ms - 3) % WRAP_MS, now_ms * MS)
    assert clock.t_ns((now_ms - 1) % WRAP_MS) == (now_ms - 1) * MS


def test_another_servers_clock_is_shifted_once() -> None:
    clock = TickClock()
    clock.anchor(3_000_000_000, 500 * MS)
    assert clock.t_ns(3_000_000_008) == 508 * MS


def test_time_goes_on_over_the_wrap_and_steps_back_where_the_server_does() -> None:
    clock = TickClock()
    clock.anchor(WRAP_MS - 5, (WRAP_MS - 5) * MS)
    before, after = clock.t_ns(WRAP_MS - 1), clock.t_ns(3)
    assert after - before == 4 * MS
    assert clock.t_ns(1) - after == -2 * MS


@given(st.integers(0, 2**33), st.lists(st.integers(0, 2**30), max_size=20))
def test_any_run_of_steps_is_unwrapped(start_ms: int, steps_ms: list[int]) -> None:
    clock, now_ms = TickClock(), start_ms
    clock.anchor(start_ms % WRAP_MS, start_ms * MS)
    for step_ms in steps_ms:
        now_ms += step_ms
        assert clock.t_ns(now_ms % WRAP_MS) == now_ms * MS


def device_motion(device: int) -> bytes:
    """XI 1's DeviceMotionNotify."""
    return struct.pack("=BBHIIIIhhhhHBB", 71, 0, 0, 1000, 1, 2, 3, 5, 5, 9, 9, 0, 1, device)


def test_motion_that_no_device_made_is_a_programs_once_it_goes_on(decoder: RecordDecoder, ring: Ring) -> None:
    decoder.device_motion = 71
    moved = core(6, 0, 1001, 5, 5)
    by_hand = device_motion(6) + moved + device_motion(2)
    warped = moved + device_motion(2)
    decoder.events(by_hand + warped + by_hand + warped + warped + by_hand)
    assert not events(ring).synthetic.any(), "a window manager puts the pointer somewhere"
    for part in (warped, warped, warped, by_hand):
        decoder.events(part)
    assert events(ring).synthetic.tolist() == [False, False, True, False]
    decoder.events(warped * 3 + device_motion(0x86) + moved)
    assert events(ring).synthetic.tolist() == [False, False, True, False]


def test_where_devices_are_not_told_of_nothing_is_a_warp(decoder: RecordDecoder, ring: Ring) -> None:
    decoder.events(core(6, 0, 1001, 5, 5) * 9)
    assert not events(ring).synthetic.any()


XTEST, XI_MOTION = 132, 71


def fake_input(kind: int, delay_ms: int = 0, *, major: int = XTEST, minor: int = 2) -> bytes:
    """A FakeInput request as XTEST's protocol lays it out."""
    return struct.pack("=BBHBBxxI", major, minor, 9, kind, 1, delay_ms) + bytes(24)


@pytest.fixture
def announced(decoder: RecordDecoder) -> RecordDecoder:
    decoder.xtest_major, decoder.xi_motion = XTEST, XI_MOTION
    return decoder


@pytest.mark.parametrize(
    ("asked", "made"), [(6, 6), (XI_MOTION, 6), (4, 4), (XI_MOTION - 2, 4), (5, 5), (XI_MOTION - 1, 5)]
)
def test_the_event_behind_a_fake_input_is_a_programs_and_the_next_is_not(
    announced: RecordDecoder, ring: Ring, asked: int, made: int
) -> None:
    announced.requests(fake_input(asked), 1000)
    announced.events(core(made, 1, 1001, 5, 5))
    announced.events(core(made, 1, 1002, 6, 6))
    assert events(ring).synthetic.tolist() == [True, False]


@pytest.mark.parametrize(
    ("asked", "made", "time_ms"),
    [
        (fake_input(6), 6, 1003),
        (fake_input(4), 6, 1000),
        (fake_input(2), 6, 1000),
        (fake_input(6, 20), 6, 1000),
        (fake_input(6, major=131), 6, 1000),
        (fake_input(6, minor=1), 6, 1000),
        (fake_input(6)[:11], 6, 1000),
        (b"", 6, 1000),
    ],
)
def test_what_did_not_make_an_event_marks_none(
    announced: RecordDecoder, ring: Ring, asked: bytes, made: int, time_ms: int
) -> None:
    announced.requests(asked, 1000)
    announced.events(core(made, 1, time_ms, 5, 5))
    assert events(ring).synthetic.tolist() == [False]


def test_the_servers_time_may_wrap_between_request_and_event(announced: RecordDecoder, ring: Ring) -> None:
    announced.clock.anchor(WRAP_MS - 1, 10**12)
    announced.requests(fake_input(6), WRAP_MS - 1)
    announced.events(core(6, 0, 0, 5, 5))
    assert events(ring).synthetic.tolist() == [True]


def test_motions_are_counted_and_the_last_place_is_known(decoder: RecordDecoder) -> None:
    decoder.events(core(6, 0, 1001, 5, 6) + core(4, 1, 1002, 5, 6) + core(6, 0, 1003, 9, 8))
    assert (decoder.motions, decoder.place) == (2, (9, 8))
